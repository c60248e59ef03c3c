use session::Databag;

#[derive(Databag)]
struct Tuple(u8, String);

#[derive(Databag)]
struct Unit;

#[derive(Databag)]
enum Enum {
    One,
}

#[derive(Databag)]
union Union {
    one: u8,
}

#[derive(Databag)]
struct Borrowed<'a, 'b> {
    one: &'a str,
    two: &'b str,
}

fn main() {}
