//! Files that are not what they were, and files that others left behind.

use std::fs;

use countersign_domain::failure::Code;
use countersign_store::{Found, OpenError, Profile, StoreError};

use crate::{LEDGER, LEDGER_NEXT, MIRROR, Made, PAGE_BYTES, create, fill, flip, key, now, rows, runtime};

#[test]
fn a_file_that_is_no_store_is_named_for_what_it_is() {
    for (content, code) in [
        (Vec::new(), Code::DbTruncated),
        (vec![7; 511], Code::DbTruncated),
        ([b"SQLite format 3\0".to_vec(), vec![0; 4_080]].concat(), Code::DbPlaintext),
        (vec![7; 8_192], Code::DbCorrupt),
    ] {
        let made = Made::new();
        fs::write(made.file(), content).unwrap();
        made.refused(&LEDGER, key(1), code);
    }
}

#[test]
fn a_wrong_key_is_no_damage() {
    let made = Made::new();
    let refusal = made.refused(&LEDGER, key(2), Code::KeyMismatch);
    assert!(matches!(refusal, OpenError::KeyMismatch { created_at, .. } if created_at == now()));
    let Found::Closed(closed) = made.profile().inspect(&LEDGER, false).unwrap() else { panic!("no store") };
    assert_eq!(closed.key_missing().code(), Code::KeyMissing);
    assert_eq!(made.opens(), 200);
}

#[test]
fn every_damaged_page_is_named_wherever_the_bit_is() {
    let made = Made::new();
    let whole = fs::read(made.file()).unwrap();
    let pages = whole.len() / PAGE_BYTES;
    assert!(pages > 20, "too few pages to prove anything");
    // A fixed sequence that visits 100 places all over the file.
    let mut place = 12_345_usize;
    for _ in 0..100 {
        place = (place * 1_103_515_245 + 12_345) % 0x7fff_ffff;
        flip(&made.file(), place % whole.len(), u8::try_from(place % 8).unwrap());
        let refusal = made.refused(&LEDGER, key(1), Code::DbCorrupt);
        let page = u32::try_from(place % whole.len() / PAGE_BYTES + 1).unwrap();
        assert!(matches!(&refusal, OpenError::Corrupt { pages, .. } if *pages == [page]), "{refusal}, page {page}");
        fs::write(made.file(), &whole).unwrap();
    }
    flip(&made.file(), 3 * PAGE_BYTES + 9, 1);
    flip(&made.file(), 7 * PAGE_BYTES + 9, 1);
    let refusal = made.refused(&LEDGER, key(1), Code::DbCorrupt);
    assert!(matches!(&refusal, OpenError::Corrupt { pages, .. } if *pages == [4, 8]), "{refusal}");
    fs::write(made.file(), &whole).unwrap();
    assert_eq!(made.opens(), 200);
}

#[test]
fn a_shortened_or_shuffled_file_is_never_opened() {
    let made = Made::new();
    let whole = fs::read(made.file()).unwrap();
    for step in 1..40 {
        let length = whole.len() - step * whole.len() / 40;
        fs::write(made.file(), &whole[..length]).unwrap();
        let code = if length < 512 { Code::DbTruncated } else { Code::DbCorrupt };
        made.refused(&LEDGER, key(1), code);
    }
    let mut swapped = whole.clone();
    let (left, right) = swapped.split_at_mut(5 * PAGE_BYTES);
    left[4 * PAGE_BYTES..].swap_with_slice(&mut right[..PAGE_BYTES]);
    fs::write(made.file(), swapped).unwrap();
    let refusal = made.refused(&LEDGER, key(1), Code::DbCorrupt);
    assert!(matches!(&refusal, OpenError::Corrupt { pages, .. } if *pages == [5, 6]), "{refusal}");
}

#[test]
fn a_newer_store_is_left_alone_and_can_be_read() {
    let made = Made::new();
    runtime().block_on(async { made.open(&LEDGER_NEXT, key(1)).unwrap().empty_log().await.unwrap() });
    let refusal = made.refused(&LEDGER, key(1), Code::DbTooNew);
    assert!(matches!(refusal, OpenError::TooNew { found: 2, known: 1, .. }));
    runtime().block_on(async {
        let Found::Closed(closed) = made.profile().inspect(&LEDGER, false).unwrap() else { panic!("no store") };
        let ledger = closed.open_read_only(key(1)).unwrap();
        assert_eq!(rows(&ledger).await, 200);
        assert!(matches!(ledger.write(|_| Ok(())).await, Err(StoreError::ReadOnly)));
    });
}

#[test]
fn another_store_in_its_place_is_foreign() {
    let made = Made::new();
    runtime().block_on(async { create(&made.profile(), &MIRROR).unwrap().empty_log().await.unwrap() });
    fs::copy(made.folder().join("mirror.db"), made.file()).unwrap();
    made.refused(&LEDGER, key(1), Code::LedgerForeign);
}

#[test]
fn a_lost_note_is_written_again_by_the_right_key_only() {
    let made = Made::new();
    let note = made.folder().join("store.json");
    let profile = fs::read_to_string(&note).unwrap();
    fs::remove_file(&note).unwrap();
    made.refused(&LEDGER, key(2), Code::DbCorrupt);
    assert_eq!(made.opens(), 200);
    made.refused(&LEDGER, key(2), Code::KeyMismatch);

    fs::write(&note, "{\"stores\":").unwrap();
    assert_eq!(made.opens(), 200);
    let aside = fs::read_dir(made.folder()).unwrap().map(|file| file.unwrap().file_name());
    assert!(aside.into_iter().any(|name| name.to_string_lossy().starts_with("store.json.")), "the old note is gone");

    fs::write(&note, "{\"stores\":").unwrap();
    fs::rename(made.file(), made.folder().join("elsewhere")).unwrap();
    made.refused(&LEDGER, key(1), Code::LedgerMissing);
    drop(profile);
}

#[test]
fn what_a_crash_left_of_a_creation_is_in_nobodys_way() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("ledger.db.creating"), vec![9; 10_000]).unwrap();
    let profile = Profile::enter(place.path(), now()).unwrap();
    runtime().block_on(async { assert_eq!(rows(&create(&profile, &LEDGER).unwrap()).await, 0) });
}

#[test]
fn a_log_without_its_file_does_not_come_back_to_life() {
    // What remains when somebody deletes the file and its note, but not the log beside it.
    let made = Made::new();
    let log = made.folder().join("ledger.db-wal");
    let kept = runtime().block_on(async {
        let ledger = made.open(&LEDGER, key(1)).unwrap();
        fill(&ledger, 1_000..1_100).await;
        fs::read(&log).unwrap()
    });
    let place = tempfile::tempdir().unwrap();
    for name in ["ledger.db-wal", "ledger.db.creating-wal"] {
        fs::write(place.path().join(name), &kept).unwrap();
    }
    let profile = Profile::enter(place.path(), now()).unwrap();
    runtime().block_on(async { assert_eq!(rows(&create(&profile, &LEDGER).unwrap()).await, 0) });
    let names = fs::read_dir(place.path()).unwrap().map(|file| file.unwrap().file_name());
    assert_eq!(names.filter(|name| name.to_string_lossy().ends_with(".aside-wal")).count(), 1, "it was thrown away");
}

#[test]
fn a_log_of_another_store_is_no_silent_change() {
    let (made, other) = (Made::new(), Made::new());
    let log = runtime().block_on(async {
        let stranger = create_with(&other, 2);
        fill(&stranger, 1_000..1_100).await;
        fs::read(other.folder().join("mirror.db-wal")).unwrap()
    });
    fs::write(made.folder().join("ledger.db-wal"), log).unwrap();
    made.refused(&LEDGER, key(1), Code::DbCorrupt);
}

fn create_with(made: &Made, byte: u8) -> countersign_store::Database {
    match made.profile().inspect(&MIRROR, false).unwrap() {
        Found::Blank(blank) => blank.create(key(byte), crate::birth()).unwrap(),
        Found::Closed(_) => panic!("there is one already"),
    }
}
