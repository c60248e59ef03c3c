use session::Databag;

#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
struct Mute;

#[derive(Databag)]
struct Bag {
    #[databag(secret)]
    secret: Mute,
    shown: Mute,
}

fn main() {}
