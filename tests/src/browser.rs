use std::{
    cell::{Cell, RefCell},
    fs,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use fantoccini::{Client, ClientBuilder, wd::WebDriverCompatibleCommand};
use futures_util::FutureExt as _;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{Process, ensure_web_build, look::Look, programs::workspace_root};

/// An operator in front of the console: Chromium without a window, driven over WebDriver.
pub struct Browser {
    pub(crate) client: Client,
    /// How it shows pages now.
    pub(crate) look: Cell<Look>,
    /// Parts of the errors that a page may report in this story.
    expected_errors: RefCell<Vec<&'static str>>,
    _driver: Process,
    _profile: tempfile::TempDir,
}

const CHROMIUM_ARGUMENTS: [&str; 9] = [
    "--headless=new",
    // The sandbox needs privileges that containers rarely give; the browser sees nothing but our own server.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

impl Browser {
    /// Runs a story with the console in a fresh browser. The story fails too when the page reported an error
    /// meanwhile; what the operator would have seen at the failure is kept as a picture.
    pub async fn run(name: &str, story: impl AsyncFnOnce(&Self) -> Result<()>) -> Result<()> {
        ensure_web_build()?;
        Self::run_without_console(name, story).await
    }

    pub(crate) async fn run_without_console(
        name: &str,
        story: impl AsyncFnOnce(&Self) -> Result<()>,
    ) -> Result<()> {
        let browser = Self::start().await?;
        // A panic must not leave the browser running, since it is not our own child.
        let told = AssertUnwindSafe(story(&browser)).catch_unwind().await;
        let told = told.unwrap_or_else(|panic| Err(anyhow!("panicked: {}", panic_text(&*panic))));
        let outcome = match told {
            Ok(()) => browser.check_for_page_errors().await,
            Err(error) => Err(browser.with_evidence(name, error).await),
        };
        browser.client.close().await.context("cannot close the browser")?;
        outcome
    }

    async fn start() -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let mut command = Command::new("chromedriver");
        // Chromium leaves temporary files behind; there they disappear with the test.
        command.arg("--port=0").env("TMPDIR", profile.path());
        let mut driver = Process::start("chromedriver", &mut command)
            .context("chromedriver is missing; on Debian: apt-get install chromium chromium-driver")?;
        let line = driver.line_with("started successfully on port").await?;
        let port = line.rsplit(' ').next().unwrap_or_default().trim_end_matches('.');
        let port: u16 = port.parse().with_context(|| format!("chromedriver says: {line}"))?;

        let mut arguments: Vec<String> = CHROMIUM_ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().join("profile").display()));
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else { bail!("capabilities are an object") };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("cannot start Chromium")?;
        let browser = Self {
            client,
            look: Cell::default(),
            expected_errors: RefCell::default(),
            _driver: driver,
            _profile: profile,
        };
        browser.apply_look(Look::default()).await?;
        Ok(browser)
    }

    /// A picture of what the operator sees.
    pub async fn screenshot(&self, path: &Path) -> Result<()> {
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir)?;
        }
        fs::write(path, self.client.screenshot().await?).with_context(|| format!("{}", path.display()))
    }

    /// Fails when the page wrote an error to the console of the browser. An error that the REST interface answered is
    /// none: the browser notes it, and the page shows it.
    async fn check_for_page_errors(&self) -> Result<()> {
        let answered = |error: &str| error.contains("/api/v1/") && error.contains("Failed to load resource");
        let expected = self.expected_errors.borrow().clone();
        let expected = |error: &str| expected.iter().any(|part| error.contains(part));
        let errors = self.page_errors().await?.into_iter();
        let errors: Vec<_> = errors.filter(|error| !answered(error) && !expected(error)).collect();
        ensure!(errors.is_empty(), "the page reported errors:\n{}", errors.join("\n"));
        Ok(())
    }

    /// The server is going to be away: the browser reports every connection, and every part of the page, that it cannot
    /// have then.
    pub fn expect_server_away(&self) {
        for part in ["WebSocket", "ERR_CONNECTION_REFUSED", "Failed to fetch"] {
            self.expect_errors(part);
        }
    }

    /// What the browser or the page reports from now on is no failure of the story when it has this part: a server that
    /// is away is reported at each attempt, at no moment of the story's choice.
    pub fn expect_errors(&self, part: &'static str) {
        self.expected_errors.borrow_mut().push(part);
    }

    /// Errors since the last look.
    async fn page_errors(&self) -> Result<Vec<String>> {
        let log = self.issue("se/log", json!({ "type": "browser" })).await?;
        let entries = log.as_array().context("the log of the browser is a list")?;
        let errors = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        Ok(errors.map(|entry| entry["message"].to_string()).collect())
    }

    /// What helps to understand a failure.
    async fn with_evidence(&self, name: &str, error: anyhow::Error) -> anyhow::Error {
        let picture = failures_dir().join(format!("{name}.png"));
        let seen = match self.screenshot(&picture).await {
            Ok(()) => format!("see {}", picture.display()),
            Err(error) => format!("no picture: {error:#}"),
        };
        let said = match self.page_errors().await {
            Ok(errors) => format!("errors of the page: [{}]", errors.join(", ")),
            Err(error) => format!("no log of the page: {error:#}"),
        };
        error.context(format!("{name} failed; {seen}; {said}"))
    }

    /// A command of the DevTools, for what WebDriver has no word for.
    pub async fn dev_tools(&self, command: &str, parameters: Value) -> Result<Value> {
        let body = json!({ "cmd": command, "params": parameters });
        self.issue("goog/cdp/execute", body).await.with_context(|| command.to_owned())
    }

    async fn issue(&self, path: &'static str, body: Value) -> Result<Value> {
        self.client.issue_cmd(ChromeCommand { path, body }).await.with_context(|| path.to_owned())
    }
}

/// A command of chromedriver that WebDriver itself does not have.
#[derive(Debug)]
struct ChromeCommand {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for ChromeCommand {
    fn endpoint(&self, base_url: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base_url.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

fn failures_dir() -> PathBuf {
    workspace_root().join("target/console-failures")
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}
