//! Limits: every value accepted by a save can be loaded, and others are refused.

use session::{Databag, Error, StoreError};

use super::backend::server_backends;
use super::{json, named};

/// Saves a value; returns the error's chain of messages if it is refused.
macro_rules! save {
    ($backend:ident, $codec:ident: $type:ty = $value:expr) => {{
        let (manager, _) = $backend.version::<$codec::Bag<$type>>();
        let session = manager.create().await.unwrap();
        session.data.set_value($value);
        match session.save().await {
            Ok(()) => Ok(manager.get(&session.token().unwrap()).await.unwrap().data.value()),
            Err(Error::Field { name: "value", source }) => {
                Err(format!("{:?}", std::error::Error::source(&source)))
            }
            Err(error) => panic!("{error:?}"),
        }
    }};
}

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Nest {
    inner: Option<Box<Nest>>,
}

fn nest(depth: usize) -> Nest {
    (0..depth).fold(Nest::default(), |nest, _| Nest { inner: Some(Box::new(nest)) })
}

#[tokio::test]
async fn what_is_too_deep_is_refused_by_the_save() {
    for backend in server_backends() {
        assert_eq!(save!(backend, named: Nest = nest(40)).unwrap(), nest(40));
        assert_eq!(save!(backend, json: Nest = nest(40)).unwrap(), nest(40));
        assert!(save!(backend, named: Nest = nest(100)).unwrap_err().contains("nests"));
        assert!(save!(backend, json: Nest = nest(100)).unwrap_err().contains("nests"));
    }
}

#[tokio::test]
async fn elements_without_content_are_there_for_the_next_request() {
    for backend in server_backends() {
        assert_eq!(save!(backend, named: Vec<()> = vec![(); 5_000]).unwrap().len(), 5_000);
        assert_eq!(save!(backend, json: Vec<()> = vec![(); 5_000]).unwrap().len(), 5_000);
    }
}

#[tokio::test]
async fn what_the_codec_cannot_give_back_is_refused_by_the_save() {
    for backend in server_backends() {
        for float in [f64::NAN, f64::INFINITY] {
            assert!(save!(backend, json: f64 = float).unwrap_err().contains("NaN"));
            assert_eq!(save!(backend, named: f64 = float).unwrap().to_bits(), float.to_bits());
        }
        assert!(save!(backend, named: Option<Option<u8>> = Some(None)).unwrap_err().contains("Some(None)"));
    }
}

#[derive(Databag)]
struct Text {
    text: String,
}

#[tokio::test]
async fn a_session_takes_64_kib_at_most_unless_configured() {
    for backend in server_backends() {
        let (manager, _) = backend.version::<Text>();
        let session = manager.create().await.unwrap();
        session.data.set_text("x".repeat(65_000));
        session.save().await.unwrap();
        session.data.set_text("x".repeat(65_536));
        let error = session.save().await.unwrap_err();
        assert!(matches!(error, Error::Save(StoreError::TooLarge { limit: 65_536, .. })), "{error:?}");
    }
}
