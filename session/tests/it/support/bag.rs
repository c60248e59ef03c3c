//! The databag of the tests: eight fields. (Spelt out until the derive can make it.)

use session::{Codec, CodecError};
use session_core::{Data, Databag, Field};

macro_rules! bag {
    ($($index:literal $name:ident $set:ident $update:ident $clear:ident $take:ident: $type:ty [$arg:ty] = $default:expr, $wrap:expr, $present:expr;)*) => {
        pub(crate) struct Bag { $(pub(crate) $name: $type,)* }

        impl Default for Bag {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        #[derive(Clone)]
        pub(crate) struct Accessors(Data<Bag>);

        #[allow(dead_code)]
        impl Accessors {
            $(
                pub(crate) fn $name(&self) -> $type {
                    self.0.get($index, |bag| bag.$name.clone())
                }
                pub(crate) fn $set(&self, value: impl Into<$arg>) {
                    let value = $wrap(value.into());
                    self.0.set($index, |bag| bag.$name = value);
                }
                pub(crate) fn $update<R>(&self, f: impl FnOnce(&mut $type) -> R) -> R {
                    self.0.update($index, |bag| f(&mut bag.$name))
                }
                pub(crate) fn $clear(&self) {
                    self.$take();
                }
                pub(crate) fn $take(&self) -> $type {
                    self.0.take($index, |bag| std::mem::replace(&mut bag.$name, $default))
                }
            )*
            pub(crate) fn read<R>(&self, reader: impl FnOnce(&Bag) -> R) -> R {
                self.0.read(reader)
            }
        }

        impl Databag for Bag {
            type Accessors = Accessors;
            const FIELDS: &'static [Field] = &[$(Field::new(stringify!($name)),)*];

            fn encode(&self, index: usize, out: &mut Vec<u8>) -> Result<bool, CodecError> {
                match index {
                    $($index => {
                        if !$present(&self.$name) {
                            return Ok(false);
                        }
                        session_core::__private::encode(&self.$name, Codec::Bincode, None, out)?;
                    })*
                    _ => {}
                }
                Ok(true)
            }

            fn decode(&mut self, index: usize, value: &[u8]) -> Result<(), CodecError> {
                match index {
                    $($index => self.$name = session_core::__private::decode(value, None)?,)*
                    _ => {}
                }
                Ok(())
            }

            fn accessors(data: Data<Self>) -> Accessors {
                Accessors(data)
            }
        }
    };
}

bag! {
    0 user set_user update_user clear_user take_user: Option<String> [String] = None, Some, Option::is_some;
    1 name set_name update_name clear_name take_name: String [String] = "nobody".to_owned(), |x| x, |_: &_| true;
    2 visits set_visits update_visits clear_visits take_visits: u64 [u64] = 0, |x| x, |_: &_| true;
    3 items set_items update_items clear_items take_items: Vec<String> [Vec<String>] = Vec::new(), |x| x, |_: &_| true;
    4 notice set_notice update_notice clear_notice take_notice: Option<String> [String] = None, Some, Option::is_some;
    5 a set_a update_a clear_a take_a: u32 [u32] = 0, |x| x, |_: &_| true;
    6 b set_b update_b clear_b take_b: u32 [u32] = 0, |x| x, |_: &_| true;
    7 c set_c update_c clear_c take_c: u32 [u32] = 0, |x| x, |_: &_| true;
}
