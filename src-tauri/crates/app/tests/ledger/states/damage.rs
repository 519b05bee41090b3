//! Ledgers that were changed, cut, rewritten or are somebody else's: what is refused, and how it goes on.

use super::*;

impl Desk {
    fn try_note(&mut self, ledger: &Ledger) -> Result<(), LedgerError> {
        let (draft, moment) = (self.draft("item_note"), self.moment());
        self.runtime.block_on(append(ledger, vec![draft], &[], &moment)).map(drop)
    }

    /// Changes the file as somebody with its key could.
    pub fn forge(&self, ledger: &Ledger, statement: &'static str) {
        let forged = ledger.database().write(move |transaction| {
            let sql = "SELECT sql FROM sqlite_schema WHERE name = 'entries_are_never_changed'";
            let trigger: String = transaction.query_row(sql, [], |row| row.get(0))?;
            transaction.execute_batch("DROP TRIGGER entries_are_never_changed")?;
            transaction.execute_batch(statement)?;
            transaction.execute_batch(&trigger)?;
            Ok(())
        });
        self.runtime.block_on(forged).unwrap();
    }
}

/// A letter of the entry changed, and put back.
const CHANGED: &str = "UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"text\":\"x\"', '\"text\":\"y\"') AS BLOB) WHERE seq = 2";
const PUT_BACK: &str = "UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"text\":\"y\"', '\"text\":\"x\"') AS BLOB) WHERE seq = 2";

pub fn head_behind_a_change() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    let before = desk.remembered();
    desk.note(&ledger);
    desk.note(&ledger);
    desk.forge(&ledger, CHANGED);
    drop(ledger);
    desk.remember(before);
    let ledger = desk.open();
    let fault = ledger.fault().map(|bad| (bad.seq, bad.reason.as_ref().to_owned()));
    assert_eq!(fault, Some((2, "HASH".to_owned())), "what stands after the remembered head was not looked at");
    let moment = desk.moment();
    assert_eq!(desk.runtime.block_on(seal(&ledger, &moment)).map(drop).unwrap_err().code(), Code::LedgerTampered);
    assert_eq!(desk.remembered(), before);
}

pub fn changed_without_a_head() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    let own = desk.runtime.block_on(ledger.id());
    desk.note(&ledger);
    desk.forge(&ledger, CHANGED);
    drop(ledger);
    desk.runtime.block_on(desk.keychain.remove(&Desk::head_item())).unwrap();
    desk.beginning = LedgerId([6; 16]);
    let ledger = desk.open();
    assert_eq!(ledger.fault().map(|bad| bad.seq), Some(2));
    assert_eq!(desk.runtime.block_on(ledger.id()), own, "a bundle would name a ledger that never was");
}

pub fn change_found() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    desk.note(&ledger);
    desk.note(&ledger);
    desk.forge(&ledger, CHANGED);
    desk.try_note(&ledger).unwrap();
    assert_eq!(desk.verify(&ledger).first_bad.unwrap().seq, 2);
    assert_eq!(desk.try_note(&ledger).unwrap_err().code(), Code::LedgerTampered);
    // It leaves the computer as it is, and both verifiers find the same.
    let file = desk.place.path().join("ledger.jsonl");
    desk.runtime.block_on(bundle::export(&ledger, file.clone())).unwrap();
    let report = bundle::check(&file, Expected::default(), &mut |_| None).unwrap();
    assert_eq!(report.first_bad.map(|bad| (bad.seq, bad.reason.as_ref().to_owned())), Some((2, "HASH".to_owned())));
    let mut second = std::process::Command::new("python3");
    let said = second.args(["-I", "-c", bundle::SECOND_VERIFIER]).arg(&file).output().unwrap();
    assert!(String::from_utf8_lossy(&said.stdout).contains("{\"seq\": 2, \"reason\": \"HASH\"}"), "{said:?}");
    desk.forge(&ledger, PUT_BACK);
    assert_eq!(desk.try_note(&ledger).unwrap_err().code(), Code::LedgerTampered, "nobody looked yet");
    assert!(desk.verify(&ledger).ok);
    assert_eq!(desk.note(&ledger), 5);
    // A verdict of a start before holds it up until all is found good; evidence that is lost for ever does not.
    let sha256 = ledger.database().evidence().keep(b"<testsuite/>").unwrap();
    let file = Evidence { name: "junit.xml".to_owned(), sha256, size: 12 };
    let (draft, moment) = (desk.draft("item_attached").resting_on(vec![file]), desk.moment());
    desk.runtime.block_on(append(&ledger, vec![draft], &[], &moment)).unwrap();
    std::fs::remove_file(desk.place.path().join("evidence").join(sha256.to_string())).unwrap();
    drop(ledger);
    let ledger = desk.open();
    ledger.was_found(FirstBad { seq: 6, reason: Reason::EvidenceMissing });
    assert_eq!(ledger.fault(), None);
    ledger.was_found(FirstBad { seq: 2, reason: Reason::Hash });
    assert_eq!(desk.try_note(&ledger).unwrap_err().code(), Code::LedgerTampered);
    assert_eq!(desk.verify(&ledger).first_bad.unwrap().reason, Reason::EvidenceMissing);
    assert_eq!(desk.note(&ledger), 7);
}

pub fn gone_on_unremembered() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    desk.enrol(&ledger, "anna");
    let old = desk.copy(&ledger);
    desk.note(&ledger);
    let known = desk.remembered();
    drop(ledger);
    std::thread::sleep(std::time::Duration::from_millis(200));
    desk.put_back(&old);
    let ledger = desk.open();
    let (key, request, moment) = (desk.unlock(&ledger, "anna", PASSPHRASE).unwrap(), desk.request(), desk.moment());
    let (anna, why) = (OperatorId::from("anna"), (request, "the disk failed"));
    desk.runtime.block_on(accept_restored(&ledger, &anna, &key, why, &moment)).unwrap();
    drop(ledger);
    // The keychain did not take the new end: the signed entry counts all the same.
    desk.remember(known);
    let ledger = desk.open();
    assert_eq!((desk.standing(&ledger), desk.head(&ledger)), (Standing::Ahead { entries: 1 }, 3));
    let report = desk.verify(&ledger);
    assert!(report.ok && report.warnings == [Warning::HeadBehind { entries: 1 }], "{report:?}");
    assert_eq!(desk.note(&ledger), 4);
    assert_eq!(desk.remembered().seq, 4);
}

pub fn rolled_back() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    desk.enrol(&ledger, "anna");
    let old = desk.copy(&ledger);
    desk.note(&ledger);
    desk.note(&ledger);
    drop(ledger);
    std::thread::sleep(std::time::Duration::from_millis(200));
    desk.put_back(&old);
    let ledger = desk.open();
    assert!(matches!(desk.standing(&ledger), Standing::RolledBack { .. }));
    let (draft, moment) = (desk.draft("item_note"), desk.moment());
    let refused = desk.runtime.block_on(append(&ledger, vec![draft], &[], &moment)).map(drop).unwrap_err();
    assert!(matches!(refused, LedgerError::RolledBack { file: 2, known: 4 }), "{refused}");
    let moment = desk.moment();
    assert_eq!(desk.runtime.block_on(seal(&ledger, &moment)).map(drop).unwrap_err().code(), Code::LedgerRolledBack);
    let first_bad = desk.verify(&ledger).first_bad.unwrap();
    assert_eq!((first_bad.seq, first_bad.reason.as_ref()), (3, "ROLLED_BACK"));

    let (key, request, moment) = (desk.unlock(&ledger, "anna", PASSPHRASE).unwrap(), desk.request(), desk.moment());
    let accept = |request, moment: &Moment| {
        let why = (request, "the disk failed");
        desk.runtime.block_on(accept_restored(&ledger, &"anna".into(), &key, why, moment))
    };
    let accepted = accept(request, &moment).unwrap();
    let body = &accepted.entries.first().unwrap().entry.body;
    assert!(body.get("known").unwrap().as_str().unwrap().contains(" 4 "), "{body:?}");
    let (request, moment) = (Uuid::from_u128(999), moment);
    assert!(matches!(accept(request, &moment), Err(LedgerError::NothingToAccept)));
    assert_eq!(desk.note(&ledger), 4);
    assert!(desk.verify(&ledger).ok);
}

pub fn another_ledger() {
    let mut desk = Desk::new();
    let ledger = desk.open();
    desk.note(&ledger);
    drop(ledger);
    desk.remember(Head { ledger: LedgerId([9; 16]), seq: 1, hash: Hash([1; 32]) });
    let ledger = desk.open();
    assert!(matches!(desk.standing(&ledger), Standing::Foreign { .. }));
    let (draft, moment) = (desk.draft("item_note"), desk.moment());
    let refused = desk.runtime.block_on(append(&ledger, vec![draft], &[], &moment)).map(drop).unwrap_err();
    assert_eq!(refused.code(), Code::LedgerForeign);
    // What is no head at all is not taken for "nothing remembered".
    drop(ledger);
    desk.runtime.block_on(desk.keychain.put(&Desk::head_item(), Secret::from("nonsense".to_owned()))).unwrap();
    assert_eq!(desk.try_open().map(drop).unwrap_err().code(), Code::KeyMismatch);
}
