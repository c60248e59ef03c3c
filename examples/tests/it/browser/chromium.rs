//! A browser: Chromium without a window, with an empty profile.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use fantoccini::cookies::Cookie;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand, WindowHandle};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use test_support::{ChromeDriver, wait_until};
use tokio::runtime::{Builder, Runtime};

use super::webdriver::VendorCommand;

static DRIVER: LazyLock<ChromeDriver> = LazyLock::new(ChromeDriver::start);
static PROFILES: AtomicU32 = AtomicU32::new(0);

/// `--remote-debugging-pipe` ends the browser with its driver.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
];

#[derive(Clone, Copy, Debug)]
pub(super) enum Scheme {
    Light,
    Dark,
}

/// A browser that ends on drop. Its methods wait until the page is ready for them.
pub(super) struct Chromium {
    runtime: Runtime,
    client: Client,
}

impl Chromium {
    pub(super) fn start() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let profile = DRIVER.dir().join(format!("profile{}", PROFILES.fetch_add(1, Ordering::Relaxed)));
        let arguments = ARGUMENTS.map(str::to_owned).into_iter();
        let arguments: Vec<_> = arguments.chain([format!("--user-data-dir={}", profile.display())]).collect();
        let Value::Object(capabilities) = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        }) else {
            unreachable!("it is an object")
        };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(Capabilities::from(capabilities));
        let client =
            runtime.block_on(builder.connect(&DRIVER.url())).expect("Chromium; `./test` installs it");
        let browser = Self { runtime, client };
        browser.resize(1280, 900, Scheme::Light);
        browser
    }

    /// Sets the size of the page, and whether its user prefers light or dark colours.
    pub(super) fn resize(&self, width: u32, height: u32, scheme: Scheme) {
        let scheme = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
        let features = [
            json!({ "name": "prefers-color-scheme", "value": scheme }),
            json!({ "name": "prefers-reduced-motion", "value": "reduce" }),
        ];
        self.devtools("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    pub(super) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.send(VendorCommand::devtools(command, parameters))
    }

    fn send(&self, command: impl WebDriverCompatibleCommand + Send + 'static) -> Value {
        self.runtime.block_on(self.client.issue_cmd(command)).unwrap()
    }

    pub(super) fn open(&self, url: &str) {
        self.runtime.block_on(self.client.goto(url)).unwrap();
    }

    /// Clicks the first element that a CSS selector matches.
    pub(super) fn click(&self, selector: &str) {
        wait_until(&format!("{selector} can be clicked"), || {
            self.runtime
                .block_on(async { self.client.find(Locator::Css(selector)).await?.click().await })
                .ok()
        });
    }

    /// Sends keys to the element that has the focus, as a keyboard does.
    pub(super) fn type_keys(&self, keys: &str) {
        self.runtime.block_on(async { self.client.active_element().await?.send_keys(keys).await }).unwrap();
    }

    /// Runs the body of a function and returns its result; `None` while the page cannot run it.
    pub(super) fn try_script(&self, body: &str) -> Option<Value> {
        self.runtime.block_on(self.client.execute(body, Vec::new())).ok()
    }

    pub(super) fn script(&self, body: &str) -> Value {
        self.runtime.block_on(self.client.execute(body, Vec::new())).unwrap()
    }

    /// Waits until an expression of the page is true.
    pub(super) fn wait_for(&self, expression: &str) {
        wait_until(&format!("{expression} on the page\n{}", self.text()), || {
            (self.try_script(&format!("return {expression}"))? == true).then_some(())
        });
    }

    /// Waits until the page shows a text.
    pub(super) fn wait_for_text(&self, text: &str) {
        self.wait_for(&format!("document.body.textContent.includes({})", json!(text)));
    }

    /// Returns the text of the page.
    pub(super) fn text(&self) -> String {
        let text = self.try_script("return document.body.innerText");
        text.and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Waits until an element has a text, and returns it.
    pub(super) fn text_of(&self, selector: &str) -> String {
        let script = format!("return document.querySelector({})?.textContent", json!(selector));
        wait_until(&format!("{selector} has a text"), || {
            self.try_script(&script)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
        })
    }

    /// Returns the session's cookie as the browser keeps it.
    pub(super) fn cookie(&self) -> Option<Cookie<'static>> {
        let cookies = self.runtime.block_on(self.client.get_all_cookies()).unwrap();
        cookies.into_iter().find(|cookie| cookie.name() == "session")
    }

    /// Fails if the console shows an error or a warning since the last call, other than those about these words.
    pub(super) fn assert_silent(&self, expected: &[&str]) {
        let messages = self.send(VendorCommand::console());
        let messages = messages.as_array().unwrap().iter().map(Value::to_string);
        let unexpected: Vec<_> =
            messages.filter(|message| !expected.iter().any(|word| message.contains(word))).collect();
        assert!(unexpected.is_empty(), "{unexpected:?}");
    }

    pub(super) fn new_tab(&self) -> WindowHandle {
        self.runtime.block_on(self.client.new_window(true)).unwrap().handle
    }

    pub(super) fn tab(&self) -> WindowHandle {
        self.runtime.block_on(self.client.window()).unwrap()
    }

    pub(super) fn switch_to(&self, tab: WindowHandle) {
        self.runtime.block_on(self.client.switch_to_window(tab)).unwrap();
    }

    pub(super) fn screenshot(&self) -> Vec<u8> {
        self.runtime.block_on(self.client.screenshot()).unwrap()
    }

    /// Signs in by the form.
    pub(super) fn sign_in(&self, site: &crate::support::Server, name: &str) {
        self.open(&site.url("/sign-in"));
        self.type_keys(name);
        self.click("main form button");
        self.wait_for_text(&format!("Welcome, {name}"));
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The driver may have ended.
        let _ = self.runtime.block_on(self.client.clone().close());
    }
}
