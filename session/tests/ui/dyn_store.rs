use session::{SessionLayer, Store};

fn layer(store: Box<dyn Store>) -> SessionLayer {
    SessionLayer::new(store)
}

fn main() {}
