//! What the compiler says to mistakes.

#[test]
fn every_mistake_is_one_error_at_the_word_that_is_wrong() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
