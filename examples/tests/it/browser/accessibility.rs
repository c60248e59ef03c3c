//! The rules of axe-core, which include WCAG 2.2 at level AA: contrast, labels, landmarks, headings.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::layout::visit_all;

/// Where `./test` puts it.
const AXE: &str = "../target/tools/axe-core/axe.min.js";

#[test]
fn no_page_breaks_a_rule_of_accessibility() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(AXE);
    let axe = fs::read_to_string(file).expect("axe-core; `./test` fetches it");
    visit_all(|browser, page| {
        browser.script(&format!("{axe}\nwindow.axe = axe"));
        browser.script("axe.run().then((results) => { window.violations = results.violations })");
        browser.wait_for("window.violations !== undefined");
        let violations = browser.script(
            "return violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html, failureSummary }) => [html, failureSummary]) }))",
        );
        assert_eq!(violations, json!([]), "{page}");
    });
}
