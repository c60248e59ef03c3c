//! Handlers that axum and actix-web can call.

use std::pin::Pin;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};

/// A function whose arguments both frameworks extract. `Args` is the tuple of their types.
pub(crate) trait Handler<Args>: Clone + Send + Sync + 'static {
    fn into_any(self) -> AnyHandler<Args>;
}

/// The arguments of a handler.
pub(crate) trait Arguments: FromRequestParts<()> + actix_web::FromRequest + Send + 'static {}

impl<Args: FromRequestParts<()> + actix_web::FromRequest + Send + 'static> Arguments for Args {}

type ResponseFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A handler of any type with these arguments, so that frameworks are compiled once for each tuple of arguments.
pub(crate) struct AnyHandler<Args>(Arc<dyn Fn(Args) -> ResponseFuture + Send + Sync>);

impl<Args> AnyHandler<Args> {
    pub(crate) fn call(&self, args: Args) -> ResponseFuture {
        (self.0)(args)
    }
}

impl<Args> Clone for AnyHandler<Args> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

macro_rules! functions_of {
    ($($Arg:ident)*) => {
        impl<F, Fut, $($Arg,)*> Handler<($($Arg,)*)> for F
        where
            F: FnOnce($($Arg),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output: IntoResponse> + Send + 'static,
        {
            fn into_any(self) -> AnyHandler<($($Arg,)*)> {
                #[allow(non_snake_case, reason = "the names of the types serve as names of the arguments")]
                AnyHandler(Arc::new(move |($($Arg,)*)| {
                    let response = self.clone()($($Arg),*);
                    Box::pin(async move { response.await.into_response() })
                }))
            }
        }
    };
}

functions_of!();
functions_of!(A);
functions_of!(A B);
functions_of!(A B C);
