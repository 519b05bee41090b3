//! Invented people and companies, in several scripts, some of them awkward on purpose.
//!
//! Given and family names are drawn apart; a pair that belongs to somebody is chance. Addresses are of domains that
//! are reserved for examples, so no mail can ever arrive.

use crate::random::Random;

/// How many characters an address keeps of a name.
const ADDRESS_CHARS_MAX: usize = 24;

const LATIN: (&[&str], &[&str]) = (
    &["Ada", "Milo", "Nora", "Elif", "Jonas", "Ines", "Tariq", "Wanjiru", "Luca", "Sanne", "Oona", "Rafael", "Freya"],
    &["Kovač", "O’Dunne", "Lindqvist", "Ferrante", "Achebe-Stone", "de la Vega", "Nowak", "Marsh", "Okafor", "Weiß"],
);
const GERMAN: (&[&str], &[&str]) = (
    &["Jürgen", "Käthe", "Sören", "Liesel", "Björn", "Änne"],
    &["Müllner", "Größer", "von Ahlen", "Fäßler", "Kühnast"],
);
const FRENCH: (&[&str], &[&str]) = (
    &["Zoé", "Benoît", "Maëlle", "François", "Hélène"],
    &["L’Écuyer", "Dubreuil", "Çelebi", "Noël-Marchand", "Aubépin"],
);
const SPANISH: (&[&str], &[&str]) =
    (&["Íñigo", "Begoña", "Raúl", "Núria"], &["Muñoz Prado", "Ibáñez", "Güell i Roca", "Peñalver"]);
const JAPANESE: (&[&str], &[&str]) =
    (&["葵", "蓮", "陽菜", "さくら", "健太"], &["高橋", "渡邉", "小鳥遊", "佐久間", "月見里"]);
const CYRILLIC: (&[&str], &[&str]) = (&["Мирослав", "Злата", "Ярина"], &["Вербицький", "Сойка", "Щербань"]);
const ARABIC: (&[&str], &[&str]) = (&["ليلى", "كريم", "نور"], &["النجار", "حدّاد", "بن يوسف"]);
const HEBREW: (&[&str], &[&str]) = (&["נועה", "איתן"], &["בר־לב", "אלמוג"]);
const GREEK: (&[&str], &[&str]) = (&["Ελένη", "Νίκος"], &["Παπαδάκης", "Θαλασσινός"]);
const HINDI: (&[&str], &[&str]) = (&["आरव", "दिया"], &["शर्मन", "कुलकर्णी"]);

const COMPANY: (&[&str], &[&str]) = (
    &[
        "Northwind",
        "Bluebottle",
        "Quarry",
        "Halcyon",
        "Lantern",
        "Kestrel",
        "Tidewater",
        "Copperleaf",
        "Saffron",
        "Umbra",
    ],
    &["Labs", "Robotics", "& Sons", "GmbH", "Studio", "Analytics, Inc.", "Works", "Cooperative", "K.K.", "Ltd"],
);

/// Names that have broken programs, each given to one customer: markup, quoting, direction, length, nothing visible.
const AWKWARD: &[&str] = &[
    "<img src=x onerror=alert(1)>\"'; DROP TABLE \"User\"; --",
    "=HYPERLINK(\"http://attacker.test\";\"Open\")",
    "Siobhán O’Brien-D’Arcy 'Shiv' \"S\"",
    "\u{202e}drawkcab\u{202c} Ltd",
    "شركة المثال — Example GmbH (123)",
    "Grafenwallersteinhuberdorfinger-Applewhistle-Featherbottomley of the Very Long Department Name for Billing, \
     Accounts Payable and Everything Else That Needs a Line of Its Own",
    "\u{200b}",
    "null",
    "𝒻𝒶𝓃𝒸𝓎 👩‍💻 Ünïcödé",
    "O\\'Malley\\n{{7*7}} %s",
];

/// How far apart the awkward names stand, starting with the third customer.
const AWKWARD_STEP: u32 = 4;

/// One customer who has no address in every company; others have none by chance.
const WITHOUT_EMAIL: u32 = 7;

/// Draws a name and an address; some customers have no address.
pub(super) fn drawn(random: &mut Random, place: u32, country: &'static str) -> (String, Option<String>) {
    let awkward = (place % AWKWARD_STEP == 2).then_some(place / AWKWARD_STEP);
    let awkward = awkward.and_then(|number| usize::try_from(number).ok()).and_then(|number| AWKWARD.get(number));
    let name = match awkward {
        Some(name) => (*name).to_owned(),
        None => name(random, country),
    };
    let domain = random.pick(&["example.com", "example.org", "example.net", "mail.test", "corp.example.com"]);
    let mailbox = mailbox(&name);
    let has_email = place != WITHOUT_EMAIL && random.chance(985);
    let email = has_email.then(|| format!("{mailbox}.{place}@{domain}"));
    (name, email)
}

fn name(random: &mut Random, country: &'static str) -> String {
    if random.chance(300) {
        return format!("{} {}", random.pick(COMPANY.0), random.pick(COMPANY.1));
    }
    let (given, family) = match country {
        "JP" => return format!("{} {}", random.pick(JAPANESE.1), random.pick(JAPANESE.0)),
        "DE" => GERMAN,
        "FR" => FRENCH,
        "ES" | "BR" => SPANISH,
        "IN" => random.weighted(&[(1, HINDI), (2, LATIN)]),
        _ => random.weighted(&[(80, LATIN), (5, CYRILLIC), (5, ARABIC), (3, HEBREW), (3, GREEK), (4, SPANISH)]),
    };
    format!("{} {}", random.pick(given), random.pick(family))
}

/// Makes the left half of an address of the plain letters of a name.
fn mailbox(name: &str) -> String {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(ADDRESS_CHARS_MAX)
        .collect::<String>()
        .to_ascii_lowercase();
    if plain.is_empty() { "billing".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_of_a_reserved_domain_and_its_own() {
        let mut random = Random::new(1, 1);
        let mut seen = std::collections::BTreeSet::new();
        for place in 0..500 {
            if let (_, Some(email)) = drawn(&mut random, place, "DE") {
                let domain = email.rsplit('@').next().unwrap_or_default();
                assert!(domain.ends_with("example.com") || domain.ends_with(".test") || domain.starts_with("example."));
                assert!(seen.insert(email));
            }
        }
        assert!((450..500).contains(&seen.len()), "{}", seen.len());
    }

    #[test]
    fn the_awkward_names_are_there() {
        let mut random = Random::new(1, 1);
        let names: Vec<String> = (0..60).map(|place| drawn(&mut random, place, "US").0).collect();
        for awkward in AWKWARD {
            assert!(names.iter().any(|name| name == awkward), "{awkward}");
        }
    }
}
