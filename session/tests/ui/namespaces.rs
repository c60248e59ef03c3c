use session::Databag;

#[derive(Databag)]
#[databag(namespace = "")]
struct Empty {}

#[derive(Databag)]
#[databag(namespace = ".")]
struct Dot {}

#[derive(Databag)]
#[databag(namespace = "csrf.")]
struct Ending {}

#[derive(Databag)]
#[databag(namespace = ".csrf")]
struct Beginning {}

#[derive(Databag)]
#[databag(namespace = 5)]
struct Number {}

#[derive(Databag)]
#[databag(namespace = csrf)]
struct Ident {}

#[derive(Databag)]
#[databag(namespace)]
struct Alone {}

#[derive(Databag)]
#[databag(namespace = "csrf", namespace = "oauth")]
#[databag(namespace = "csrf")]
struct Repeated {}

#[derive(Databag)]
#[databag(namespace = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
struct Long {
    a: u8,
}

#[derive(Databag)]
#[databag(namespace = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
struct Full {
    a: u8,
    ab: u8,
    #[databag(rename = "", alias = "abc")]
    b: u8,
}

#[derive(Databag)]
struct OfField {
    #[databag(namespace = "csrf")]
    token: u8,
}

#[derive(Databag)]
#[databag(namespace = "csrf")]
struct Shared {
    token: u8,
    #[databag(rename = "token")]
    other: u8,
}

fn main() {}
