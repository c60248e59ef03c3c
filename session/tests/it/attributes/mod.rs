//! Behaviour of field attributes, through the layer and the manager.

mod account;
mod anonymous;
mod authentication;
mod cas;
mod claim;
mod combined;
mod counter;
mod deadlines;
mod flash;
mod fresh;
mod handover;
mod keep;
mod label;
mod limit;
mod lookup;
mod principal;
mod push;
mod push_overlap;
mod required;
mod required_in_manager;
mod sign_out_without_cookie;
mod ttl;
mod versions;

/// Runs a test of a `Site` on each store that keeps sessions on the server, where concurrent writes are merged.
macro_rules! on_each_server {
    (|$site:ident| $test:block) => {{
        let $site = crate::support::Site::new();
        $test
        #[cfg(feature = "redis")]
        {
            let $site = crate::support::on_redis();
            $test
        }
        #[cfg(feature = "sqlite")]
        {
            let $site = crate::support::on_sqlite();
            $test
        }
    }};
    ($test:ident) => {
        on_each_server!(|site| { $test(site).await })
    };
}
use on_each_server;

/// The same for a manager with custom settings and a site that shares its store and settings.
macro_rules! on_each_managed {
    ($configure:expr, |$manager:pat_param, $site:pat_param| $test:block) => {{
        let ($manager, $site) = super::account::managed_with($configure);
        $test
        #[cfg(feature = "redis")]
        {
            let ($manager, $site) = super::account::managed_on_redis($configure);
            $test
        }
        #[cfg(feature = "sqlite")]
        {
            let ($manager, $site) = super::account::managed_on_sqlite($configure);
            $test
        }
    }};
}
use on_each_managed;

/// Runs a test of a `Site` on a store of each kind, those that seal included.
macro_rules! on_each_store {
    ($test:ident) => {
        super::on_each_server!($test);
        #[cfg(feature = "cookie")]
        {
            $test(crate::sealed::site::stateless()).await;
            $test(crate::sealed::site::revocable(&std::sync::Arc::default())).await;
        }
    };
}
use on_each_store;
