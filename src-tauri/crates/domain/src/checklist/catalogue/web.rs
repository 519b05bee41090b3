//! Checks answered by the application's own addresses, its certificate and its names.
//!
//! Plain reads, except the three marked active: they send something harmless and wait for the operator's consent.

use super::CheckSource::{Dns, Http, Tls};
use super::{CONFIG_HOURS, Check, check};

const READ_BY_A_PERSON: &str = "The text is right";

pub(super) const CHECKS: &[Check] = &[
    check(
        "http.health",
        Http,
        "Health",
        "Do the health addresses answer in an accepted shape with their dependencies up?",
    )
    .words(&[
        "health check",
        "health endpoint",
        "verify deployment",
        "deploy production",
        "load balancer",
        "revert deployment",
        "revert application",
        "application deployed",
        "api health",
        "npm start",
    ]),
    check(
        "http.pricing_page",
        Http,
        "Pricing page",
        "Does the pricing page show the plans with the amounts of the catalogue?",
    )
    .words(&["pricing page"]),
    check("http.page.faq", Http, "FAQ", "Is the FAQ online and new since the last release?")
        .fresh(CONFIG_HOURS)
        .partial(READ_BY_A_PERSON)
        .words(&["faq", "frequently asked question"]),
    check(
        "http.page.api_docs",
        Http,
        "API documentation",
        "Is the API documentation online and new since the last release?",
    )
    .fresh(CONFIG_HOURS)
    .partial(READ_BY_A_PERSON)
    .words(&["api documentation", "api reference", "api doc"]),
    check("http.page.terms", Http, "Terms of service", "Are the terms online and new since the last release?")
        .fresh(CONFIG_HOURS)
        .partial(READ_BY_A_PERSON)
        .words(&["terms of service", "terms and condition", "terms update"]),
    check("http.page.privacy", Http, "Privacy policy", "Is the privacy policy online and new since the last release?")
        .fresh(CONFIG_HOURS)
        .partial(READ_BY_A_PERSON)
        .words(&["privacy policy", "privacy notice"]),
    check("http.page.integration", Http, "Integration guide", "Is the integration guide online?")
        .fresh(CONFIG_HOURS)
        .partial(READ_BY_A_PERSON)
        .words(&["integration guide"]),
    check("http.page.webhook_guide", Http, "Webhook guide", "Is the webhook guide online?")
        .fresh(CONFIG_HOURS)
        .partial(READ_BY_A_PERSON)
        .words(&["webhook guide", "webhook setup guide", "webhook documentation"]),
    check("http.page.testing_guide", Http, "Testing guide", "Is the testing guide online?")
        .fresh(CONFIG_HOURS)
        .partial(READ_BY_A_PERSON)
        .words(&["testing guide", "test guide"]),
    check("http.webhook_route.reachable", Http, "Webhook route", "Does the webhook route answer over TLS?")
        .partial("A 404 was looked into")
        .words(&[
            "webhook endpoint accessible",
            "webhook route",
            "webhook endpoint reachable",
            "webhook url accessible",
        ]),
    check(
        "http.webhook_route.rejects_unsigned",
        Http,
        "Unsigned webhooks refused",
        "Are an unsigned and a wrongly signed delivery both refused?",
    )
    .active()
    .words(&["webhook signature verification", "webhook signature", "unsigned webhook", "signature verification"]),
    check(
        "http.webhook_route.secret_configured",
        Http,
        "Webhook secret set",
        "Is a wrongly signed delivery refused for its signature, not for a missing secret?",
    )
    .active()
    .partial("The secret is the right one")
    .words(&["webhook secret", "webhook signing secret", "signing secret"]),
    check("http.auth.required", Http, "Log-in required", "Do the named routes refuse a visitor who is not logged in?")
        .partial("The routes cover what must be protected")
        .words(&["authentication tested", "authentication required", "authentication"]),
    check("http.authz.roles", Http, "Roles enforced", "Is a user with few rights refused where more are needed?")
        .active()
        .partial("The routes cover what must be protected")
        .words(&["authorization tested", "role based access", "authorization"]),
    check(
        "http.rate_limit",
        Http,
        "Rate limit",
        "Do answers carry a rate limit, or does an allowed burst of 30 meet one?",
    )
    .partial("The limit is the intended one")
    .words(&["rate limiting", "rate limit", "throttling"]),
    check("http.cors", Http, "CORS", "Are allowed origins echoed and foreign ones not?").words(&["cors"]),
    check("http.security_headers", Http, "Security headers", "Do pages carry the headers that keep browsers strict?")
        .words(&["security header", "hsts", "csp header"]),
    check("http.error_hygiene", Http, "Error answers", "Do error answers hold no stack, path, statement or secret?")
        .partial("All endpoints behave like the ones asked")
        .words(&["error handling", "data leakage", "input validation", "error message leak"]),
    check("http.debug_routes_closed", Http, "Debug routes closed", "Do the listed debug routes refuse to answer?")
        .words(&["debug route", "debug endpoint", "debug mode"]),
    check("http.cdn", Http, "CDN", "Do assets come through the content network?")
        .partial("The cached paths are the intended ones")
        .words(&["cdn"]),
    check("tls.certificate", Tls, "Certificate", "Is the certificate valid for its name for more than 30 days?")
        .words(&["ssl certificate", "tls certificate", "certificate installed", "certificate expiry", "https enabled"]),
    check("dns.records", Dns, "DNS records", "Do two resolvers give the expected values?").words(&[
        "dns record",
        "dns update",
        "dns load balancer",
        "dns",
    ]),
];
