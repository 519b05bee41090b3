//! `env add`, `env list`, `env expect`.

use countersign_app::domain::failure::Failure;
use countersign_app::domain::ids::EnvironmentId;
use countersign_app::domain::workspace::Class as Known;
use countersign_app::settings::environments::{self, AddEnvironment, EnvironmentsRequest, ExpectEndpoint};
use countersign_app::settings::workspace;
use countersign_app::{App, bus::Topic, clock, record};
use serde_json::{Value, json};

use crate::arguments::{Class, Env};
use crate::exit::Verdict;
use crate::output::{Align, Output};
use crate::session;

pub async fn run(app: &App, command: Env, output: Output) -> Result<Verdict, Failure> {
    match command {
        Env::Add { name, class, workspace, webhook_url } => add(app, name, class, (workspace, webhook_url)).await?,
        Env::List => {}
        Env::Expect { environment, webhook_url } => {
            let environment = session::environment(app, &environment).await?;
            expect(app, environment, webhook_url).await?;
        }
    }
    list(app, output).await
}

async fn add(app: &App, name: String, class: Class, more: (Option<String>, Option<String>)) -> Result<(), Failure> {
    let class = match class {
        Class::Test => Known::Test,
        Class::Staging => Known::Staging,
        Class::Production => Known::Production,
    };
    let id = EnvironmentId::from(name.trim());
    let request = AddEnvironment { name, class };
    app.acted("environment_add", &[Topic::Settings], environments::add(app, clock::name(), request)).await?;
    if let Some(name) = more.0 {
        let settings =
            countersign_app::domain::workspace::Workspace { name, ..record::record(app).await?.workspace.clone() };
        app.acted("workspace_set", &[Topic::Settings], workspace::set(app, clock::name(), settings)).await?;
    }
    if let Some(url) = more.1 {
        expect(app, id, url).await?;
    }
    Ok(())
}

async fn expect(app: &App, environment: EnvironmentId, webhook_url: String) -> Result<(), Failure> {
    let request = ExpectEndpoint { environment, webhook_url };
    let work = environments::expect_endpoint(app, clock::name(), request);
    app.acted("endpoint_expect", &[Topic::Settings], work).await.map(drop)
}

async fn list(app: &App, output: Output) -> Result<Verdict, Failure> {
    let answer = app.asked("environments", environments::list(app, EnvironmentsRequest {})).await?;
    let rows: Vec<Value> = answer
        .environments
        .iter()
        .map(|environment| {
            json!({
                "name": environment.id, "class": environment.class, "is_demo": environment.is_demo,
                "banner": environment.banner.text, "webhook_url": environment.webhook_url,
                "stripe": environment.stripe.as_ref().map(|stripe| json!({
                    "account": stripe.account, "mode": stripe.mode, "key": stripe.key, "url": stripe.url,
                })),
                "database": environment.database.as_ref().map(|database| json!({
                    "place": database.place, "profile": database.profile,
                })),
            })
        })
        .collect();
    output.answer(&json!({ "environments": rows }), |text| {
        let columns =
            [("name", Align::Left), ("class", Align::Left), ("Stripe", Align::Left), ("database", Align::Left)];
        let cells = |environment: &environments::Environment| {
            let stripe = environment.stripe.as_ref();
            vec![
                environment.id.to_string(),
                environment.class.to_string(),
                stripe.map_or("not connected".to_owned(), |stripe| format!("{} {}", stripe.mode, stripe.account)),
                environment.database.as_ref().map_or("not connected".to_owned(), |database| database.place.clone()),
            ]
        };
        text.table(&columns, &answer.environments.iter().map(cells).collect::<Vec<_>>());
    });
    Ok(Verdict::Good)
}
