use session::Databag;

#[derive(Databag)]
#[databag(rename = "x", creat = here)]
struct Unknown {
    #[databag(defualt = 1)]
    close: u8,
    #[databag(colour, crate = here)]
    far: u8,
    #[databag("text", skip)]
    text: u8,
    #[databag]
    bare: u8,
    #[databag = "x"]
    value: u8,
}

fn main() {
    let bag = Unknown::default();
    let data = session::Data::from_bag(bag);
    Unknown::accessors(data).set_far(1);
}
