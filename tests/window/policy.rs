//! The page is shut in: it reaches the contract and nothing else, runs no script but its own, and goes nowhere.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use support::window::Window;

/// Longest time a way out may need until it would have been taken.
const PATIENCE: Duration = Duration::from_millis(800);

/// What is not on the list is refused, however it is asked for.
pub async fn commands_refused(window: &Window) -> Result<()> {
    ensure!(window.call("frame", json!({ "request": {} })).await?.is_ok(), "the contract itself is refused");
    let others = [
        ("not_a_command", json!({})),
        ("plugin:event|emit", json!({ "event": "changed", "payload": [] })),
        ("plugin:event|emit_to", json!({ "target": { "kind": "Any" }, "event": "changed", "payload": [] })),
        ("plugin:opener|open_url", json!({ "url": "https://example.com" })),
        ("plugin:fs|read_file", json!({ "path": "/etc/passwd" })),
        ("plugin:clipboard-manager|read_text", json!({})),
        ("plugin:window|close", json!({ "label": "main" })),
        ("plugin:webview|create_webview_window", json!({ "options": { "label": "other", "url": "index.html" } })),
    ];
    for (command, arguments) in others {
        let refused = window.call(command, arguments).await?;
        let why = refused.as_ref().err().and_then(Value::as_str).unwrap_or_default();
        ensure!(why.contains("not allowed") || why.contains("not found"), "{command}: {refused:?}");
    }
    Ok(())
}

/// Text does not become code, and markup brings no looks of its own.
pub async fn scripts_refused(window: &Window) -> Result<()> {
    let refused = |what: &str| format!("try {{ {what}; return 'ran'; }} catch (fault) {{ return fault.name; }}");
    for code in ["eval('1')", "new Function('return 1')()"] {
        let said = window.page.execute(&refused(code), vec![]).await?;
        ensure!(said == "EvalError", "{code}: {said}");
    }
    let markup = "window.ran = 0; \
        const script = document.createElement('script'); script.textContent = 'window.ran += 1'; \
        const place = document.createElement('div'); place.id = 'place'; \
        place.innerHTML = '<img src=x onerror=\"window.ran += 1\"><p style=\"position: fixed\">text</p>\
        <a href=\"javascript:window.ran += 1\">link</a>'; \
        document.body.append(script, place); place.querySelector('a').click();";
    window.page.execute(markup, vec![]).await?;
    tokio::time::sleep(PATIENCE).await;
    ensure!(window.page.execute("return window.ran", vec![]).await? == json!(0), "a script of the markup ran");
    let style = "return getComputedStyle(document.querySelector('#place p')).position";
    ensure!(window.page.execute(style, vec![]).await? == "static", "markup brought a style");
    window.page.execute("document.getElementById('place').remove()", vec![]).await?;
    Ok(())
}

/// Somebody listens outside, and nobody calls: not by a request, a picture, a form, a new address or a new window.
pub async fn ways_out_refused(window: &Window) -> Result<()> {
    let outside = TcpListener::bind("127.0.0.1:0")?;
    outside.set_nonblocking(true)?;
    let address = format!("http://{}/", outside.local_addr()?);
    let script = "const [address, done] = arguments; \
        const broken = []; addEventListener('securitypolicyviolation', (event) => broken.push(event.effectiveDirective)); \
        const picture = new Image(); picture.src = address; \
        navigator.sendBeacon?.(address, 'text'); \
        const form = document.createElement('form'); form.action = address; document.body.append(form); form.submit(); form.remove(); \
        const sheet = document.createElement('link'); sheet.rel = 'stylesheet'; sheet.href = address; document.head.append(sheet); \
        const call = fetch(address, { mode: 'no-cors' }).then(() => 'answered', (fault) => fault.name); \
        setTimeout(async () => done({ call: await call, broken: [...new Set(broken)].sort() }), 500)";
    let told = window.page.execute_async(script, vec![json!(address)]).await?;
    ensure!(told["call"] == "TypeError", "{told}");
    for directive in ["connect-src", "img-src", "form-action", "style-src-elem"] {
        let broken = told["broken"].as_array();
        ensure!(broken.is_some_and(|all| all.contains(&json!(directive))), "{directive} was not broken: {told}");
    }
    ensure!(window.page.execute("return window.open(arguments[0])", vec![json!(address)]).await? == Value::Null);
    for place in [address.as_str(), "https://example.com/", "data:text/html,elsewhere", "file:///etc/passwd"] {
        window.page.execute("location.href = arguments[0]", vec![json!(place)]).await?;
        tokio::time::sleep(PATIENCE).await;
        let here =
            window.page.execute("return `${location.protocol} ${document.getElementById('app') !== null}`", vec![]);
        let here = here.await?;
        ensure!(here == "tauri: true", "{place} led to {here}");
    }
    match outside.accept() {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
        other => anyhow::bail!("the page called outside: {other:?}"),
    }
}
