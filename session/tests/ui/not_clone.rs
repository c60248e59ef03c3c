use session::Databag;

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Unique;

#[derive(Databag)]
struct Bag {
    fine: u8,
    unique: Unique,
}

fn main() {}
