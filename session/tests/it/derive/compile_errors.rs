//! Compile errors of the derive.

#[test]
fn every_error_is_reported_once_at_the_attribute_that_is_wrong() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
