use session::Databag;

#[derive(Databag)]
struct Names {
    #[databag(rename = "")]
    empty: u8,
    #[databag(rename = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    long: u8,
    #[databag(alias = "")]
    unnamed: u8,
    #[databag(rename = "taken")]
    one: u8,
    taken: u8,
    #[databag(alias = "one_more")]
    two: u8,
    #[databag(alias = "one_more", alias = "three")]
    three: u8,
}

#[derive(Databag)]
struct Accessors {
    x: u8,
    set_x: u8,
}

fn main() {}
