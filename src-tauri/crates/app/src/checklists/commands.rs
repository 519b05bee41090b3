//! Commands of a list as they are copied: with the environment's own public address where the list has a placeholder.
//!
//! Only what anybody may know is filled in; a placeholder of a key, a password or a database stays as it is.

use countersign_domain::workspace::Environment;
use url::Url;

/// What stands for the address of the company in lists.
const HOSTS: [&str; 3] = ["your-domain.com", "yourdomain.com", "your-domain"];

/// Gives a command with the host of the environment's webhook address in the place of an invented one; `None` where there
/// is nothing to fill in, or nothing known to fill in with.
pub(super) fn filled(command: &str, environment: &Environment) -> Option<String> {
    let address = Url::parse(environment.webhook_url.as_deref()?).ok()?;
    let host = address.host_str()?;
    let place = HOSTS.into_iter().find(|place| command.contains(place))?;
    Some(command.replace(place, &address.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))))
}

#[cfg(test)]
mod tests {
    use countersign_domain::Instant;
    use countersign_domain::workspace::Class;

    use super::*;

    #[test]
    fn a_public_address_is_filled_in_and_a_secret_never() {
        let mut environment = Environment {
            id: "prod".into(),
            class: Class::Production,
            is_demo: false,
            webhook_url: Some("https://billing.acme.example/api/webhooks".to_owned()),
            stripe: None,
            stripe_key_since: None,
            database_since: None,
            database: None,
            added_at: Instant::UNIX_EPOCH,
        };
        let curl = "curl -f https://your-domain.com/api/health";
        assert_eq!(filled(curl, &environment).unwrap(), "curl -f https://billing.acme.example/api/health");
        for secret in ["export STRIPE_SECRET_KEY=sk_live_...", "export DATABASE_URL=postgresql://..."] {
            assert_eq!(filled(secret, &environment), None, "{secret}");
        }
        environment.webhook_url = None;
        assert_eq!(filled(curl, &environment), None);
    }
}
