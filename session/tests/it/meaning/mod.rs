//! What fields mean, through the layer and the manager.

mod account;
mod cap;
mod cas;
mod claim;
mod combined;
mod counter;
mod flash;
mod keep;
mod label;
mod lookup;
mod principal;
mod ttl;
mod versions;

/// Runs a test of a `Site` on a store of each kind, those that seal included.
macro_rules! on_each_store {
    ($test:ident) => {
        $test(crate::support::Site::new()).await;
        #[cfg(feature = "cookie")]
        {
            $test(crate::sealed::site::stateless()).await;
            $test(crate::sealed::site::revocable(&std::sync::Arc::default())).await;
        }
    };
}
use on_each_store;
