use session::Databag;

#[derive(Databag)]
struct Values {
    #[databag(bind)]
    a: Option<String>,
    #[databag(bind = "address")]
    b: Option<String>,
    #[databag(bind = network)]
    c: Option<String>,
    #[databag(bind = "network", bind = "user-agent")]
    d: Option<String>,
}

#[derive(Databag)]
struct Types {
    #[databag(bind = "network")]
    a: String,
    #[databag(bind = "network")]
    b: Option<std::net::IpAddr>,
    #[databag(bind = "network")]
    c: Option<Option<String>>,
    #[databag(bind = "network")]
    d: std::option::Option<std::string::String>,
}

#[derive(Databag)]
struct Combinations {
    #[databag(bind = "network", principal)]
    a: Option<String>,
    #[databag(bind = "network", index)]
    b: Option<String>,
    #[databag(bind = "network", flash)]
    c: Option<String>,
    #[databag(bind = "network", counter)]
    d: u64,
    #[databag(bind = "network", cas)]
    e: Option<String>,
    #[databag(bind = "network", entries)]
    f: std::collections::BTreeMap<String, u32>,
    #[databag(readonly, bind = "network")]
    g: Option<String>,
    #[databag(keep, bind = "network")]
    h: Option<String>,
    #[databag(required, bind = "network")]
    i: Option<String>,
    #[databag(ttl = "1h", bind = "network")]
    j: Option<String>,
    #[databag(default = "none", bind = "network")]
    k: Option<String>,
    #[databag(with = m, bind = "network")]
    l: Option<String>,
    #[databag(skip, bind = "network")]
    m: Option<String>,
}

/// Valid combinations.
#[derive(Databag)]
struct Right {
    #[databag(bind = "network", label, rename = "net", alias = "network")]
    a: Option<String>,
    #[databag(bind = "user-agent", secret, codec = "json", version = 2)]
    b: Option<String>,
}

fn main() {
    fn sets(right: &<Right as Databag>::Accessors) {
        right.set_a("203.0.113.0/24");
    }
}
