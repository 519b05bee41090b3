//! The two lists the product was asked for, line by line.

use super::*;

#[test]
fn both_seeds_give_exactly_their_rows() {
    for (number, name, count) in SEEDS {
        let rows = seed(name).template.rows;
        let wanted = coverage(number);
        for (row, covered) in rows.iter().zip(&wanted) {
            let found = (row.section_path(), row.coverage_label());
            assert_eq!(found, (covered.section.clone(), covered.text.clone()), "line {}", row.line);
        }
        assert_eq!((rows.len(), wanted.len()), (count, count), "{name}");
    }
}

/// The kinds the text itself shows; automatic, manual and some measured lines look alike in Markdown.
#[test]
fn kinds_the_text_shows_equal_the_inventory() {
    let open = |kind: Kind| matches!(kind, Kind::Auto | Kind::Manual | Kind::Metric);
    for (number, name, _) in SEEDS {
        for (row, covered) in seed(name).template.rows.iter().zip(&coverage(number)) {
            let same = row.kind == covered.kind || (open(row.kind) && open(covered.kind));
            assert!(
                same,
                "{name} line {}: {} is {}, and {} in the inventory",
                row.line, row.label, row.kind, covered.kind
            );
        }
    }
}

/// Suggestions are guesses; this holds how good they are on lists whose answer is known.
#[test]
fn suggestions_from_words_alone_agree_with_the_inventory() {
    let (mut kinds, mut proofs, mut rows) = (0, 0, 0);
    for (number, name, _) in SEEDS {
        for (row, covered) in seed(name).template.rows.iter().zip(&coverage(number)) {
            rows += 1;
            kinds += usize::from(row.kind == covered.kind);
            proofs += usize::from(row.proof.as_ref().map_or("", |proof| proof.as_str()) == covered.proof);
        }
    }
    assert_eq!(rows, 379);
    assert!(kinds >= 365, "{kinds} of 379 kinds");
    assert!(proofs >= 360, "{proofs} of 379 proofs");
}

#[test]
fn the_traps_of_the_seeds_are_seen() {
    let first = seed("devflowhub-rollout");
    assert_eq!(first.problems, [], "check marks in headings tick nothing and are no problem");
    assert_eq!(first.template.name, "DevFlowHub Billing System - Production Rollout Checklist");
    assert!(row(&first, "Tax settings configured (if applicable)").optional);
    assert_eq!(row(&first, "Customer support tickets < 10/day").limit.as_ref().unwrap().to_string(), "< 10 per day");
    let daily = row(&first, "Daily monitoring of key metrics").schedule.unwrap();
    assert_eq!(daily.to_string(), "week 1 every day");
    let step = row(&first, "Disable billing features via feature flag");
    assert_eq!((step.kind, step.shape, step.indicator), (Kind::Rollback, Shape::Step, false));
    let phases: Vec<_> =
        first.template.phases.iter().map(|phase| (phase.number, phase.exposure_pct, phase.soak_hours)).collect();
    assert_eq!(phases, [(0, None, 0), (1, Some(10.into()), 24), (2, Some(50.into()), 72), (3, Some(100.into()), 168)]);
    assert_eq!(row(&first, "Verify billing accuracy").phase, Some(2));
    assert_eq!(row(&first, "Stripe account verified and activated").phase, Some(0));
    assert_eq!(row(&first, "Webhook success rate > 99%").phase, None);
    let contact = row(&first, "Primary");
    assert_eq!((contact.kind, contact.given.as_str()), (Kind::Contact, "DevOps Team Lead"));

    let second = seed("billing-module-deployment");
    let codes: Vec<_> = second.problems.iter().map(|problem| (problem.line, problem.code)).collect();
    assert_eq!(codes, [(348, ProblemCode::MisdecodedRepaired)]);
    assert_eq!(second.template.closing, "Good Luck! 🚀");
    let trigger = row(&second, "Payment processing failures >5%");
    assert!(trigger.indicator && trigger.kind == Kind::Rollback);
    assert_eq!(trigger.limit.as_ref().unwrap().to_string(), "> 5 %");
    let event = row(&second, "invoice.payment_failed");
    assert_eq!(event.parent, Some(row(&second, "Webhook events selected:").id.clone()));
    assert!(row(&second, "Webhook events selected:").is_rolled_up());
    assert_eq!(row(&second, "Lead Developer").proof.as_ref().unwrap().as_str(), "signoff.lead_developer");
    assert_eq!(row(&second, "On-Call Engineer").caption, "Emergency Contacts");
    let names: Vec<_> = second.template.phases.iter().map(|phase| phase.name.as_str()).collect();
    assert_eq!(names, ["Preparation", "Deployment"]);
}

#[test]
fn line_numbers_point_into_the_source() {
    for (_, name, _) in SEEDS {
        let preview = seed(name);
        let lines: Vec<&str> = preview.text.split('\n').collect();
        for row in preview.template.rows.iter().filter(|row| row.shape != Shape::Policy) {
            let line = lines[row.line as usize - 1];
            assert!(line.contains(&row.label), "line {}: `{line}` does not show `{}`", row.line, row.label);
        }
    }
}

#[test]
fn ids_are_readable_distinct_and_stable() {
    let preview = seed("devflowhub-rollout");
    assert_eq!(
        row(&preview, "Stripe account verified and activated").id.as_str(),
        "stripe-account-verified-and-activated"
    );
    let more = import(&fixture("seeds/devflowhub-rollout.md").replace("- [ ] Audit logging configured\n", ""));
    let ids = |preview: &Preview| preview.template.rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    let (before, after) = (ids(&preview), ids(&more));
    assert_eq!(before.iter().filter(|id| !after.contains(id)).count(), 1, "one line less changes no other id");
}
