//! Counters, to which concurrent requests add.

use session_core::Kind;
use session_core::value::{counter, read_counter};

use super::base::Base;
use super::counter_ops::CounterOp;
use super::encode_field::unreadable;
use super::field_state::Write;
use super::view::View;
use crate::databag::Databag;

impl<T: Databag> View<T> {
    /// Adds to a counter.
    pub(super) fn add(&mut self, base: &mut Base, index: usize, by: i64) {
        self.decoded(base, index);
        let Kind::Counter { min, max } = T::FIELDS[index].kind else { return };
        let is_own = self.is_own(base, index);
        let before = self.number(index);
        let by = before.saturating_add(by).clamp(min, max).saturating_sub(before);
        if by != 0 {
            self.fields[index].write(Write::Set);
            self.fields[index].is_own |= is_own;
            self.counters.entry(index).or_default().push(CounterOp::Add(by));
            self.count(base, index);
        }
    }

    /// Sets a counter to the record's number and the operations since.
    pub(super) fn count(&mut self, base: &mut Base, index: usize) {
        let field = &T::FIELDS[index];
        let Kind::Counter { min, max } = field.kind else { return };
        let op = self.counters.get(&index).copied().unwrap_or_default().total();
        self.put_number(index, 0);
        let bag = self.bag.get_or_insert_default();
        if let (Some(stored), CounterOp::Add(_)) = (base.live(field), op)
            && let Err(error) = bag.decode(index, stored)
            && !self.fields[index].is_loaded
        {
            base.unreadable.push(unreadable::<T>(index, error));
        }
        let number = op.on(self.number(index)).clamp(min, max);
        self.put_number(index, number);
    }

    fn put_number(&mut self, index: usize, number: i64) {
        let put = self.started().decode(index, &counter(number));
        debug_assert!(put.is_ok(), "a counter takes any number");
    }

    /// The current number of a counter.
    pub(super) fn number(&mut self, index: usize) -> i64 {
        let mut value = Vec::new();
        let encoded = self.started().encode(index, &mut value);
        encoded.ok().and_then(|_| read_counter(&value)).unwrap_or(0)
    }
}
