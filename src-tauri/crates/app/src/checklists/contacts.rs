//! Contact cards of a run: who is called, in which order, and cards taken over from a run before.

use countersign_domain::Instant;
use countersign_domain::checklist::contacts::{self, Card};
use countersign_domain::checklist::entry::ContactSet;
use countersign_domain::checklist::row::{Kind, Row};
use countersign_domain::checklist::run::{Refusal, Run};
use countersign_domain::failure::{Code, Failure};
use countersign_domain::ids::{ItemId, OperatorId, RunId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::items::{self, ItemPage};
use super::{Shelf, Story, act, stories, view};
use crate::app::App;
use crate::clock;

/// Fills in a contact card.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetContact {
    /// Which run.
    pub run: RunId,
    /// Which contact.
    pub item: ItemId,
    /// Who fills it in.
    pub operator: OperatorId,
    /// The whole card; it takes the place of the one before.
    pub card: Card,
}

/// Asks for the contact cards of a run.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ContactsRequest {
    /// Which run.
    pub run: RunId,
}

/// The contact cards of a run, in the order of the list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Contacts {
    /// Each card.
    pub contacts: Vec<Contact>,
    /// The newest other run that has cards which are missing here; `null` where there is none.
    pub earlier: Option<EarlierCards>,
}

/// Cards of another run that would fill gaps of this one.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EarlierCards {
    /// The other run.
    pub run: RunId,
    /// Its name.
    pub name: String,
    /// How many of its cards are missing here.
    pub count: u32,
}

/// Takes the cards that are missing in a run from another one.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TakeContacts {
    /// Which run.
    pub run: RunId,
    /// From which.
    pub from: RunId,
    /// Who takes them, and says that they still hold.
    pub operator: OperatorId,
}

/// One contact.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Contact {
    /// The line.
    pub item: ItemId,
    /// Headings above it.
    pub section: Vec<String>,
    /// Its text: `Primary`, `Stripe Support`.
    pub text: String,
    /// What the list itself gives: a role, an address, or nothing.
    pub given: String,
    /// The card, where one was filled in.
    pub card: Option<Card>,
    /// When it was filled in.
    pub set_at: Option<Instant>,
    /// What it lacks; empty for a complete one.
    pub missing: Vec<String>,
}

/// Fills in a contact card.
///
/// **Errors**: a line that is no contact, a field that is too long, a test in the future.
pub async fn set_contact(app: &App, request_id: Uuid, request: SetContact) -> Result<ItemPage, Failure> {
    let SetContact { run, item, operator, card } = request;
    let story = act::perform(app, request_id, (&run, &operator), "Could not fill in the card", |run, _, now| {
        run.may_set_contact(&item)?;
        is_sound(&card, now)?;
        Ok(ContactSet { item: item.clone(), card }.into())
    });
    items::show(app, &*story.await?, &item).await
}

fn is_sound(card: &Card, now: Instant) -> Result<(), Refusal> {
    /// Longest field of a card. **Units**: characters.
    const FIELD_CHARS_MAX: usize = 400;
    let input = |sentence: String| Refusal { code: Code::InputInvalid, sentence };
    let fields = [&card.person, &card.phone, &card.mail, &card.chat, &card.hours, &card.backup, &card.note];
    if fields.iter().any(|field| field.chars().count() > FIELD_CHARS_MAX) {
        return Err(input(format!("A field of a card has at most {FIELD_CHARS_MAX} characters.")));
    }
    if card.tested_at.is_some_and(|at| at > now) {
        return Err(input("A test lies in the past.".to_owned()));
    }
    Ok(())
}

/// Gives the contact cards of a run.
///
/// **Errors**: a run nobody started.
pub async fn contacts(app: &App, request: ContactsRequest) -> Result<Contacts, Failure> {
    let (shelf, story, now) = (stories::shelf(app).await?, stories::story(app, &request.run).await?, clock::now());
    let contacts = contact_rows(&story.run).map(|row| {
        let kept = card_of(&story.run, &row.id);
        let card = kept.map(|(_, _, card)| card.clone());
        let missing = contacts::missing(row, card.as_ref(), Some(now));
        Contact {
            item: row.id.clone(),
            section: row.section.clone(),
            text: row.label.clone(),
            given: row.given.clone(),
            set_at: kept.map(|(_, at, _)| *at),
            missing: missing.into_iter().map(str::to_owned).collect(),
            card,
        }
    });
    Ok(Contacts { contacts: contacts.collect(), earlier: earlier(&shelf, &story) })
}

/// Fills the empty cards of a run from another one; what was filled in here stays.
///
/// **Errors**: a run or operator that is not known, another run without a card that is missing here.
pub async fn take(app: &App, request_id: Uuid, request: TakeContacts) -> Result<Contacts, Failure> {
    let TakeContacts { run: id, from, operator } = request;
    let other = stories::story(app, &from).await?;
    let taken = act::perform_all(app, request_id, (&id, &operator), "Could not take the cards", |story, _, now| {
        let cards = gaps(&story.run, &other.run);
        if cards.is_empty() {
            let sentence = "The other run has no card that is missing here.".to_owned();
            return Err(Refusal { code: Code::StateConflict, sentence });
        }
        for (item, card) in &cards {
            story.run.may_set_contact(item)?;
            is_sound(card, now)?;
        }
        Ok((cards.into_iter().map(|(item, card)| ContactSet { item, card }.into()).collect(), Vec::new()))
    });
    taken.await?;
    contacts(app, ContactsRequest { run: id }).await
}

/// Finds the newest run whose cards would fill gaps of this one.
fn earlier(shelf: &Shelf, story: &Story) -> Option<EarlierCards> {
    let others = shelf.runs.values().filter(|other| other.id != story.id);
    let useful = others.filter_map(|other| {
        let count = gaps(&story.run, &other.run).len();
        (count > 0).then(|| (other.run.binding().started_at, other, view::number(count)))
    });
    let (_, other, count) = useful.max_by_key(|(started_at, ..)| *started_at)?;
    Some(EarlierCards { run: other.id.clone(), name: other.name(), count })
}

/// Lists the cards of another run for lines that have none here: the same line of the same list.
fn gaps(run: &Run, other: &Run) -> Vec<(ItemId, Card)> {
    if run.template().id != other.template().id {
        return Vec::new();
    }
    let empty = contact_rows(run).filter(|row| card_of(run, &row.id).is_none());
    let filled = |row: &Row| card_of(other, &row.id).map(|(_, _, card)| (row.id.clone(), card.clone()));
    empty.filter_map(filled).filter(|(_, card)| !card.person.trim().is_empty()).collect()
}

fn contact_rows(run: &Run) -> impl Iterator<Item = &Row> {
    run.template().rows.iter().filter(|row| row.kind == Kind::Contact)
}

fn card_of<'a>(run: &'a Run, item: &ItemId) -> Option<&'a (u64, Instant, Card)> {
    run.history(item)?.card.as_ref()
}
