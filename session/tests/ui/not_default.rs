use session::Databag;

#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Chosen;

#[derive(Databag)]
struct Bag {
    chosen: Chosen,
}

fn main() {}
