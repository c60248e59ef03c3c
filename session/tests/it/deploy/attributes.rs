//! Fields with other attributes in the next version.

use session::Databag;

use super::backend::backends;
use super::{Row, first};

/// Checks what the next version reads from fields with other attributes: a value without a warning, or the default with
/// one that names the field.
macro_rules! shows {
    ($($name:ident: [$($old:tt)*] $old_type:ty = $value:expr => [$($new:tt)*] $new_type:ty $(= $expected:expr)?;)*) => {{
        #[derive(Databag)]
        struct Old { $( #[databag($($old)*)] $name: $old_type, )* }
        #[derive(Databag)]
        struct New { $( #[databag($($new)*)] $name: $new_type, )* }

        let mut wrong = Vec::new();
        for backend in backends() {
            let session = backend.version().0.create_with(Old { $($name: $value),* }).await.unwrap();
            let read = |data: &<New as Databag>::Accessors| data.read(|bag| vec![$(
                Row::new::<$new_type>(
                    stringify!([$($old)*] $old_type = $value => [$($new)*] $new_type),
                    stringify!($name),
                    &bag.$name,
                    first!($(Some($expected),)? None),
                )
            ),*]);
            let read = backend.read::<New, _>(&session.token().unwrap(), read).await;
            wrong.extend(crate::deploy::wrong("MessagePack", backend.name, read));
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }};
}

#[tokio::test]
async fn a_counter_is_the_same_number_as_a_plain_field_or_the_default() {
    shows! {
        counter_u64_to_u16: [counter] u64 = 300 => [] u16 = 300;
        counter_u64_to_option_u64: [counter] u64 = 300 => [] Option<u64> = Some(300);
        counter_u64_to_u128: [counter] u64 = 300 => [] u128 = 300;
        counter_u64_to_f64: [counter] u64 = 300 => [] f64 = 300.0;
        counter_u64_to_json_u64: [counter] u64 = 300 => [codec = "json"] u64 = 300;
        counter_u64_to_cas_u64: [counter] u64 = 300 => [cas] u64 = 300;
        counter_u64_to_ttl_10m_u64: [counter] u64 = 300 => [ttl = "10m"] u64 = 300;
        counter_keep_u64_to_u64: [counter, keep] u64 = 300 => [] u64 = 300;
        counter_u64_to_u8: [counter] u64 = 300 => [] u8;
        counter_i64_to_u64: [counter] i64 = -5 => [] u64;
        counter_u64_to_string: [counter] u64 = 300 => [] String;
        counter_u64_to_bool: [counter] u64 = 1 => [] bool;
        counter_beyond_f64: [counter] u64 = (1 << 53) + 1 => [] f64;
        counter_u64_to_version_u64: [counter] u64 = 300 => [version = 1] u64;
    }
}

#[tokio::test]
async fn a_plain_number_is_the_same_as_a_counter_or_the_default() {
    shows! {
        u64_to_counter_u16: [] u64 = 300 => [counter] u16 = 300;
        option_u64_to_counter_u64: [] Option<u64> = Some(300) => [counter] u64 = 300;
        json_u64_to_counter_u64: [codec = "json"] u64 = 300 => [counter] u64 = 300;
        ttl_10m_u64_to_counter_u64: [ttl = "10m"] u64 = 300 => [counter] u64 = 300;
        keep_u64_to_counter_u64: [keep] u64 = 300 => [counter] u64 = 300;
        i64_to_counter_i8: [] i64 = -5 => [counter] i8 = -5;
        u128_to_counter_i64: [] u128 = 300 => [counter] i64 = 300;
        u64_to_counter_u8: [] u64 = 300 => [counter] u8;
        i64_to_counter_u8: [] i64 = -5 => [counter] u8;
        u64_to_counter_i64: [] u64 = 1 << 63 => [counter] i64;
        f64_to_counter_u8: [] f64 = 3.0 => [counter] u8;
        string_to_counter_u8: [] String = "3".to_owned() => [counter] u8;
        bool_to_counter_u8: [] bool = true => [counter] u8;
        version_u64_to_counter_u64: [version = 1] u64 = 300 => [counter] u64;
    }
}

#[tokio::test]
async fn a_counter_is_the_same_number_as_a_counter_of_another_type_or_the_default() {
    shows! {
        counter_u64_to_counter_u8: [counter] u64 = 200 => [counter] u8 = 200;
        counter_i64_to_counter_i8: [counter] i64 = -5 => [counter] i8 = -5;
        counter_300_to_counter_u8: [counter] u64 = 300 => [counter] u8;
        counter_u64_to_counter_i8: [counter] u64 = 300 => [counter] i8;
        counter_i64_to_counter_u64: [counter] i64 = -5 => [counter] u64;
        counter_i64_to_counter_i32: [counter] i64 = i64::MIN => [counter] i32;
        u64_to_counter_u64: [] u64 = u64::MAX => [counter] u64;
    }
}

mod plain {
    #[derive(session::Databag)]
    pub(super) struct Plain {
        pub(super) same: Option<u64>,
        pub(super) number: u64,
        #[databag(cas)]
        pub(super) compared: u64,
        #[databag(ttl = "10m")]
        pub(super) expiring: u64,
        #[databag(counter)]
        pub(super) counted: u64,
        pub(super) too_large: u64,
        pub(super) other: u64,
    }
}

mod flash {
    #[derive(session::Databag)]
    pub(super) struct Flash {
        #[databag(flash)]
        pub(super) same: Option<u64>,
        #[databag(flash)]
        pub(super) number: Option<u16>,
        #[databag(flash)]
        pub(super) compared: u16,
        #[databag(flash, ttl = "10m")]
        pub(super) expiring: Option<u64>,
        #[databag(flash)]
        pub(super) counted: Option<u64>,
        #[databag(flash)]
        pub(super) too_large: Option<u8>,
        #[databag(flash)]
        pub(super) other: Vec<String>,
    }
}

use flash::Flash;
use plain::Plain;

#[tokio::test]
async fn a_plain_field_that_became_a_flash_is_shown_once_or_is_the_default() {
    for backend in backends() {
        let fill = |data: &<Plain as Databag>::Accessors| {
            data.set_same(300);
            data.set_number(300);
            data.set_compared(300);
            data.set_expiring(300);
            data.add_counted(300);
            data.set_too_large(300);
            data.set_other(300);
        };
        let take = |data: &<Flash as Databag>::Accessors| {
            let numbers = (data.take_same(), data.take_number(), data.take_compared());
            let more = (data.take_expiring(), data.take_counted(), data.take_too_large());
            (numbers, more, data.take_other())
        };
        let token = backend.write::<Plain>(fill).await;
        let (shown, warnings) = backend.read::<Flash, _>(&token, take).await;
        let expected = ((Some(300), Some(300), 300), (Some(300), Some(300), None), vec![]);
        assert_eq!(shown, expected, "{}", backend.name);
        assert_eq!(warnings.len(), 2, "{}: {warnings:?}", backend.name);
        assert!(warnings[0].contains("`too_large`") && warnings[1].contains("`other`"), "{warnings:?}");
    }
}

#[tokio::test]
async fn a_flash_that_became_a_plain_field_is_the_same_or_the_default() {
    for backend in backends() {
        let fill = |data: &<Flash as Databag>::Accessors| {
            data.set_same(300);
            data.set_number(300);
            data.set_compared(300);
            data.set_expiring(300);
            data.set_counted(300);
            data.set_too_large(30);
            data.set_other(["text".to_owned()]);
        };
        let token = backend.write::<Flash>(fill).await;
        let read = |data: &<Plain as Databag>::Accessors| {
            let numbers = (data.same(), data.number(), data.compared());
            (numbers, data.expiring(), data.counted(), data.too_large(), data.other())
        };
        let (shown, warnings) = backend.read::<Plain, _>(&token, read).await;
        assert_eq!(shown, ((Some(300), 300, 300), 300, 300, 30, 0), "{}", backend.name);
        assert!(warnings.len() == 1 && warnings[0].contains("`other`"), "{}: {warnings:?}", backend.name);
    }
}

mod defaults {
    #[derive(session::Databag)]
    pub(super) struct Defaults {
        #[databag(default = 9)]
        pub(super) value: u8,
        #[databag(principal)]
        pub(super) user: Option<u8>,
    }
}

#[tokio::test]
async fn what_does_not_fit_is_the_default_that_was_declared() {
    #[derive(Databag)]
    struct Old {
        value: u64,
        user: u64,
    }
    for backend in backends() {
        let fill = |data: &<Old as Databag>::Accessors| {
            data.set_value(300);
            data.set_user(300);
        };
        let token = backend.write::<Old>(fill).await;
        let read = |data: &<defaults::Defaults as Databag>::Accessors| (data.value(), data.user());
        let (shown, warnings) = backend.read::<defaults::Defaults, _>(&token, read).await;
        assert_eq!((shown, warnings.len()), ((9, None), 2), "{}", backend.name);
    }
}

#[tokio::test]
async fn other_attributes_change_nothing_of_what_is_shown() {
    shows! {
        cas_u64_to_u16: [cas] u64 = 300 => [] u16 = 300;
        u64_to_cas_u16: [] u64 = 300 => [cas] u16 = 300;
        ttl_10m_u64_to_u16: [ttl = "10m"] u64 = 300 => [] u16 = 300;
        u64_to_ttl_10m_u16: [] u64 = 300 => [ttl = "10m"] u16 = 300;
        ttl_10m_version_u64_to_version_u16: [ttl = "10m", version = 1] u64 = 300 => [version = 1] u16 = 300;
        keep_u64_to_u16: [keep] u64 = 300 => [] u16 = 300;
        u64_to_keep_u16: [] u64 = 300 => [keep] u16 = 300;
        index_u64_to_u16: [index] u64 = 300 => [] u16 = 300;
        u64_to_index_u16: [] u64 = 300 => [index] u16 = 300;
        label_u64_to_secret_u16: [label] u64 = 300 => [secret] u16 = 300;
        secret_u64_to_readonly_u16: [secret] u64 = 300 => [readonly] u16 = 300;
        default_3_u64_to_default_9_u16: [default = 3] u64 = 300 => [default = 9] u16 = 300;
        cas_u64_to_u8: [cas] u64 = 300 => [] u8;
        u64_to_ttl_10m_u8: [] u64 = 300 => [ttl = "10m"] u8;
        keep_u64_to_index_u8: [keep] u64 = 300 => [index] u8;
    }
}

#[tokio::test]
async fn a_renamed_field_is_the_same_or_the_default() {
    shows! {
        aliased: [rename = "old_aliased"] u64 = 300 => [alias = "old_aliased"] i16 = 300;
        renamed: [] u64 = 300 => [rename = "renamed"] Option<u64> = Some(300);
        to_counter: [rename = "old_to_counter"] u64 = 300 => [alias = "old_to_counter", counter] u64 = 300;
        from_counter: [rename = "old_from_counter", counter] u64 = 300 => [alias = "old_from_counter"] u64 = 300;
        too_large: [rename = "old_too_large"] u64 = 300 => [alias = "old_too_large"] u8;
        text: [rename = "old_text"] String = "a".to_owned() => [alias = "old_text"] u64;
        text_to_counter: [rename = "old_text_to_counter"] String = "a".to_owned() => [alias = "old_text_to_counter", counter] u64;
        own: [] String = "a".to_owned() => [alias = "old_own"] u64;
        beside_own: [rename = "old_own"] u64 = 300 => [] u64 = 0;
        dropped: [rename = "old_dropped"] u64 = 300 => [] u64 = 0;
    }
}

mod old {
    #[derive(session::Databag)]
    pub(super) struct Old {
        former: u64,
        former_name: String,
        former_note: Option<String>,
        #[databag(counter)]
        former_visits: u64,
        #[databag(flash)]
        former_notice: Option<String>,
    }
}

#[derive(Databag)]
struct Renamed {
    #[databag(alias = "former")]
    value: Option<u64>,
    #[databag(alias = "former_name")]
    name: String,
    #[databag(alias = "former_note")]
    note: Option<String>,
    #[databag(counter, alias = "former_visits")]
    visits: u64,
    #[databag(flash, alias = "former_notice")]
    notice: Option<String>,
}

#[tokio::test]
async fn what_was_set_under_another_name_does_not_come_back() {
    for backend in backends() {
        let fill = |data: &<old::Old as Databag>::Accessors| {
            data.set_former(300);
            data.set_former_name("lovelace");
            data.set_former_note("a note");
            data.set_former_visits(7);
            data.set_former_notice("saved");
        };
        let reset = |data: &<Renamed as Databag>::Accessors| {
            data.clear_value();
            data.set_name("");
            data.clear_note();
            data.set_visits(0);
            assert_eq!(data.take_notice().as_deref(), Some("saved"));
        };
        let token = backend.write::<old::Old>(fill).await;
        let token = backend.change::<Renamed>(&token, reset).await;
        let read = |data: &<Renamed as Databag>::Accessors| {
            (data.value(), data.name(), data.note(), data.visits(), data.take_notice())
        };
        let shown = backend.read::<Renamed, _>(&token, read).await;
        assert_eq!(shown, ((None, String::new(), None, 0, None), vec![]), "{}", backend.name);
    }
}
