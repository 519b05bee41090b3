//! The real window, driven over WebDriver on a display of its own.
//!
//! Screenshots wait for two animation frames, because the frame before may still be on its way.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

use crate::program::{self, Running};

/// How long the driver and the window may take to come up.
const START_LIMIT: Duration = Duration::from_secs(30);
/// More presses of Tab than any screen needs.
const TABS_MAX: usize = 80;
/// What the system calls its dialogs for files.
const DIALOG_NAMES: &str = "^(Open|Save) File$";
/// Time a dialog of the system needs to follow its keys.
const DIALOG_PAUSE: Duration = Duration::from_millis(400);

/// A window that is open, with everything it stands on.
pub struct Window {
    /// Speaks to the page.
    pub page: Client,
    /// The number of the display it stands on, `:99`.
    display: String,
    _driver: Running,
    _display: Running,
}

impl Window {
    /// Opens the program's window with these arguments.
    pub async fn open(arguments: &[&str]) -> Result<Self> {
        let (display, number) = display()?;
        let port = free_port()?;
        let driver = Running::start(
            Command::new("WebKitWebDriver")
                .arg(format!("--port={port}"))
                .env("DISPLAY", &number)
                .env("TAURI_WEBVIEW_AUTOMATION", "true")
                .env("WEBKIT_SKIA_ENABLE_CPU_RENDERING", "1")
                .env_remove("WEBKIT_DISABLE_DMABUF_RENDERER")
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        );
        let wanted = json!({
            "browserName": "wry",
            "webkitgtk:browserOptions": { "binary": program::window(), "args": arguments },
        });
        let Value::Object(wanted) = wanted else { bail!("capabilities are an object") };
        let page = connect(port, wanted).await?;
        Ok(Self { page, display: number, _driver: driver, _display: display })
    }

    /// Finds an element by its test id, waiting until it is there.
    pub async fn element(&self, id: &str) -> Result<fantoccini::elements::Element> {
        let selector = format!("[data-testid=\"{id}\"]");
        let found = self.page.wait().at_most(START_LIMIT).for_element(Locator::Css(&selector)).await;
        found.with_context(|| format!("waiting for {id}"))
    }

    /// Goes to a screen by its route.
    pub async fn go(&self, route: &str) -> Result<()> {
        self.page.execute("location.hash = arguments[0]", vec![json!(route)]).await?;
        self.settle().await
    }

    /// Waits until the page has drawn what it knows.
    pub async fn settle(&self) -> Result<()> {
        let frames = "const done = arguments[arguments.length - 1]; \
                      requestAnimationFrame(() => requestAnimationFrame(() => done()))";
        self.page.execute_async(frames, vec![]).await?;
        Ok(())
    }

    /// Waits until a script answers `true`.
    pub async fn until(&self, what: &str, script: &str) -> Result<()> {
        let deadline = std::time::Instant::now() + START_LIMIT;
        while std::time::Instant::now() < deadline {
            if self.page.execute(&format!("return {script}"), vec![]).await? == Value::Bool(true) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("{what} did not happen within {} s", START_LIMIT.as_secs())
    }

    /// Presses keys together, as `Ctrl` and `k`, and lets go of them.
    pub async fn press(&self, keys: &[char]) -> Result<()> {
        let mut chord = KeyActions::new("keyboard".to_owned());
        for value in keys.iter().copied() {
            chord = chord.then(KeyAction::Down { value });
        }
        for value in keys.iter().rev().copied() {
            chord = chord.then(KeyAction::Up { value });
        }
        self.page.perform_actions(chord).await?;
        self.settle().await
    }

    /// Presses one of the keys that have a name.
    pub async fn key(&self, key: Key) -> Result<()> {
        self.press(&[key.into()]).await
    }

    /// Types letters where the keyboard is.
    pub async fn type_text(&self, text: &str) -> Result<()> {
        let strokes = text.chars().fold(KeyActions::new("keyboard".to_owned()), |strokes, value| {
            strokes.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.page.perform_actions(strokes).await?;
        self.settle().await
    }

    /// Presses Tab until the keyboard is at an element, which proves that it can be reached so.
    pub async fn tab_to(&self, id: &str) -> Result<()> {
        self.tab_until(&format!("[data-testid=\"{id}\"]")).await
    }

    /// Presses Tab until the keyboard is at an element that a selector means.
    pub async fn tab_until(&self, selector: &str) -> Result<()> {
        let found = self.page.wait().at_most(START_LIMIT).for_element(Locator::Css(selector)).await;
        found.with_context(|| format!("waiting for {selector}"))?;
        for _ in 0..TABS_MAX {
            let here = "return document.activeElement?.matches(arguments[0]) ?? false";
            if self.page.execute(here, vec![json!(selector)]).await? == Value::Bool(true) {
                return Ok(());
            }
            // The focus moves at once; only what is drawn has to be waited for.
            let tab = KeyActions::new("keyboard".to_owned());
            let value = Key::Tab.into();
            self.page.perform_actions(tab.then(KeyAction::Down { value }).then(KeyAction::Up { value })).await?;
        }
        bail!("{selector} was not reached with {TABS_MAX} presses of Tab")
    }

    /// Names a file in the system's own dialog, by keyboard like a person; the driver reaches the page alone.
    pub async fn choose_file(&self, file: &Path) -> Result<()> {
        let deadline = std::time::Instant::now() + START_LIMIT;
        let path = file.to_str().context("a path of letters")?;
        let pause = async || tokio::time::sleep(DIALOG_PAUSE).await;
        let mut dialog = String::new();
        while dialog.is_empty() {
            if std::time::Instant::now() > deadline {
                bail!("no dialog to choose {path} in");
            }
            pause().await;
            dialog = self.desktop(&["search", "--onlyvisible", "--name", DIALOG_NAMES])?;
        }
        while !dialog.is_empty() {
            if std::time::Instant::now() > deadline {
                bail!("the dialog does not take {path}");
            }
            self.desktop(&["windowfocus", "--sync", &dialog])?;
            // A slash opens the field for a path where there is none; the whole path then takes the place of all in it.
            self.desktop(&["key", "slash"])?;
            pause().await;
            self.desktop(&["key", "ctrl+a"])?;
            self.desktop(&["type", "--delay", "4", path])?;
            pause().await;
            self.desktop(&["key", "Return"])?;
            pause().await;
            pause().await;
            dialog = self.desktop(&["search", "--onlyvisible", "--name", DIALOG_NAMES])?;
        }
        let window = self.desktop(&["search", "--onlyvisible", "--name", "^Countersign$"])?;
        self.desktop(&["windowfocus", "--sync", &window])?;
        self.settle().await
    }

    /// Asks the display for something; gives the first line of what it says.
    fn desktop(&self, arguments: &[&str]) -> Result<String> {
        let said = Command::new("xdotool").args(arguments).env("DISPLAY", &self.display).output();
        let said = said.context("xdotool is missing: install the package xdotool")?;
        Ok(String::from_utf8_lossy(&said.stdout).lines().next().unwrap_or_default().to_owned())
    }

    /// Calls the program as the page does; answers what it answered, or what refused the call.
    pub async fn call(&self, command: &str, arguments: Value) -> Result<Result<Value, Value>> {
        let script = "const [command, given, done] = arguments; window.__TAURI_INTERNALS__.invoke(command, given)\
                      .then((answer) => done({ Ok: answer }), (refused) => done({ Err: refused }))";
        let answer = self.page.execute_async(script, vec![json!(command), arguments]).await?;
        serde_json::from_value(answer).context("an answer or a refusal")
    }

    /// Reads the text of an element as it is shown, waiting until it is there.
    ///
    /// The driver's own question for a text finds nothing inside what is cut off at its edge.
    pub async fn text(&self, selector: &str) -> Result<String> {
        let found = self.page.wait().at_most(START_LIMIT).for_element(Locator::Css(selector)).await;
        found.with_context(|| format!("waiting for {selector}"))?;
        let text =
            self.page.execute("return document.querySelector(arguments[0])?.innerText", vec![json!(selector)]).await?;
        Ok(text.as_str().unwrap_or_default().trim().to_owned())
    }

    /// Takes a picture of the window.
    pub async fn picture(&self, file: &Path) -> Result<()> {
        self.settle().await?;
        std::fs::write(file, self.page.screenshot().await?).with_context(|| format!("writing {}", file.display()))
    }

    /// Closes the window.
    pub async fn close(self) -> Result<()> {
        self.page.clone().close().await.context("closing the window")
    }
}

async fn connect(port: u16, wanted: Map<String, Value>) -> Result<Client> {
    let deadline = std::time::Instant::now() + START_LIMIT;
    loop {
        let tried = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted.clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await;
        match tried {
            Ok(client) => return Ok(client),
            Err(error) if std::time::Instant::now() > deadline => return Err(error).context("opening the window"),
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

/// Starts a virtual display; it chooses its own number.
fn display() -> Result<(Running, String)> {
    use std::io::{BufRead as _, BufReader};
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"]);
    let mut display = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
    let out = display.child().stdout.take().context("Xvfb has no output")?;
    let mut number = String::new();
    BufReader::new(out).read_line(&mut number).context("waiting for Xvfb")?;
    let number = number.trim();
    if number.is_empty() {
        bail!("Xvfb did not start: install the package xvfb");
    }
    Ok((display, format!(":{number}")))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
