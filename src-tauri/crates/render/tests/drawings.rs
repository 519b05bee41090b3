//! What the samples look like as scenes and files, kept as snapshots, and what must hold for every chart.
//!
//! A changed drawing is a red test until someone has looked at the gallery and accepted the new snapshot. Snapshots that
//! no sample writes any more are red too.

use std::collections::BTreeSet;
use std::path::Path;

use countersign_domain::money::Currency;
use countersign_domain::zones::Month;
use countersign_render::chart::{BarChart, ChartError, LineChart, MovementChart, Movements, Series, Size, Slot, Unit};
use countersign_render::file::png::{Density, PngError, png};
use countersign_render::file::svg::svg;
use countersign_render::scene::{Scene, Shape};
use proptest::prelude::*;

mod samples;

const WIDTH: u32 = 480;

#[test]
fn drawings_are_as_accepted() {
    let scenes = samples::scenes(WIDTH).unwrap();
    let told: Vec<String> = scenes.iter().map(|(name, scene)| format!("{name}: {}", scene.summary)).collect();
    let funnel = scenes.iter().find(|(name, _)| *name == "funnel").map(|(_, scene)| scene).unwrap();
    let sheet = samples::sheet().around(&scenes[0].1);

    let mut kept = BTreeSet::new();
    let mut keep = |name: String, text: &str| {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name.clone(), text);
        });
        kept.insert(format!("{name}.snap"));
    };
    for (name, scene) in &scenes {
        keep(format!("{name}.svg"), &svg(scene).unwrap());
    }
    keep("sheet.svg".to_owned(), &svg(&sheet).unwrap());
    keep("summaries".to_owned(), &told.join("\n"));
    keep("scene.json".to_owned(), &serde_json::to_string_pretty(funnel).unwrap());

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let found: BTreeSet<String> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, kept);
}

#[test]
fn table_stops_and_legend_tell_the_same_figures() {
    for (name, scene) in samples::scenes(WIDTH).unwrap() {
        let columns = scene.table.headers.len();
        assert!(scene.table.rows.iter().all(|row| row.len() == columns), "{name}");
        if name == "sparkline" {
            continue;
        }
        assert_eq!(scene.table.rows.len(), scene.stops.len(), "{name}");
        for (row, stop) in scene.table.rows.iter().zip(&scene.stops) {
            assert_eq!(row[0].as_deref(), Some(stop.title.as_str()), "{name}");
            for (cell, entry) in row[1..].iter().zip(&stop.entries) {
                assert_eq!(cell.as_deref(), entry.datum.as_ref().map(|datum| datum.value.as_str()), "{name}");
            }
        }
    }
}

#[test]
fn keys_name_the_row_behind_a_mark() {
    let scenes = samples::scenes(WIDTH).unwrap();
    let (_, movements) = scenes.iter().find(|(name, _)| *name == "movements").unwrap();
    let keys: Vec<&str> = movements.marks.iter().filter_map(|mark| Some(mark.datum.as_ref()?.key.as_str())).collect();
    assert!(keys.contains(&"2026-08|usd|churn") && keys.contains(&"2026-08|usd|net"));
    assert!(!keys.iter().any(|key| key.starts_with("2025-11")), "an unknown month has no marks");
}

#[test]
fn pictures_have_the_size_of_their_scene() {
    let (_, scene) = samples::scenes(WIDTH).unwrap().swap_remove(0);
    for (density, width, height) in [(Density::Single, 480, 280), (Density::Double, 960, 560)] {
        let picture = resvg::tiny_skia::Pixmap::decode_png(&png(&scene, density).unwrap()).unwrap();
        assert_eq!((picture.width(), picture.height()), (width, height));
        let colors: BTreeSet<u32> =
            picture.pixels().iter().map(|p| u32::from_be_bytes([p.red(), p.green(), p.blue(), 0])).collect();
        assert!(colors.len() > 50, "{} colours", colors.len());
    }
    assert_eq!(png(&scene, Density::Double).unwrap(), png(&scene, Density::Double).unwrap());
}

#[test]
fn a_picture_shows_its_text() {
    // Without a face for it, text would vanish without an error.
    let (_, scene) = samples::scenes(WIDTH).unwrap().swap_remove(0);
    let mut mute = scene.clone();
    mute.marks.retain(|mark| !matches!(mark.shape, Shape::Text { .. }));
    assert_ne!(png(&scene, Density::Single).unwrap(), png(&mute, Density::Single).unwrap());
}

#[test]
fn a_picture_that_needs_too_much_memory_is_refused() {
    let (_, mut scene) = samples::scenes(WIDTH).unwrap().swap_remove(0);
    scene.width = 9_000.0;
    scene.height = 9_000.0;
    assert!(matches!(png(&scene, Density::Single), Err(PngError::TooLarge { width: 9_000, height: 9_000 })));
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "</text><script>alert(1)</script>&amp;\"'\u{0}\u{1b}\u{202e}]]><!--";
    let mut chart = one_line(vec![Some(1), Some(2)]);
    chart.title = hostile.to_owned();
    chart.slots = vec![Slot::named("a", hostile), Slot::named("b", "b")];
    let text = svg(&samples::sheet().around(&chart.scene(Size::new(480, 200)).unwrap())).unwrap();
    assert!(!text.contains("<script") && !text.contains('\u{0}') && !text.contains('\u{1b}'));
    assert!(text.contains("&lt;script&gt;"));
    resvg::usvg::Tree::from_str(&text, &resvg::usvg::Options::default()).unwrap();
}

#[test]
fn a_chart_says_what_it_cannot_draw() {
    let mut chart = one_line(vec![Some(1); 2_001]);
    assert!(matches!(chart.scene(Size::new(480, 200)), Err(ChartError::TooMany { given: 2_001, limit: 2_000 })));
    chart.slots.truncate(3);
    assert!(matches!(chart.scene(Size::new(480, 200)), Err(ChartError::Uneven { given: 2_001, slots: 3, .. })));
    let nine = BarChart {
        title: String::new(),
        unit: Unit::Count,
        slots: Vec::new(),
        series: vec![Series { word: String::new(), label: String::new(), values: Vec::new() }; 9],
        references: Vec::new(),
    };
    assert!(matches!(nine.scene(Size::new(480, 200)), Err(ChartError::TooMany { given: 9, limit: 8 })));
}

fn slots(count: usize) -> Vec<Slot> {
    let first = Month { year: 2020, month: 1 };
    (0..).take(count).map(|n| Slot::month(first.plus(n))).collect()
}

fn one_line(values: Vec<Option<i64>>) -> LineChart {
    LineChart {
        title: "Anything".to_owned(),
        unit: Unit::Money(Currency::USD),
        slots: slots(values.len()),
        series: vec![Series { word: "any".to_owned(), label: "Any".to_owned(), values }],
        compared: None,
        references: Vec::new(),
    }
}

/// Says which point of a scene lies outside of it, if any does.
fn outside(scene: &Scene) -> Option<(f32, f32)> {
    let points = scene.marks.iter().flat_map(|mark| match &mark.shape {
        Shape::Path { points, .. } | Shape::Area { points } => points.iter().map(|[x, y]| (*x, *y)).collect(),
        Shape::Rect(b) => vec![(b.x, b.y), (b.x + b.width, b.y + b.height)],
        Shape::Circle { x, y, .. } | Shape::Text { x, y, .. } => vec![(*x, *y)],
    });
    let stops = scene.stops.iter().map(|stop| (stop.at, 0.0));
    points.chain(stops).find(|(x, y)| {
        // A rounded hundredth may stick out.
        !(-0.02..=scene.width + 0.02).contains(x) || !(-0.02..=scene.height + 0.02).contains(y)
    })
}

proptest! {
    #[test]
    fn every_line_lies_inside_its_drawing(
        values in prop::collection::vec(prop::option::weighted(0.8, any::<i64>()), 0..40),
        (width, height) in (0u32..1500, 0u32..500),
    ) {
        let scene = one_line(values).scene(Size::new(width.max(200), height.max(80))).unwrap();
        prop_assert_eq!(outside(&scene), None);
    }

    #[test]
    fn every_stack_lies_inside_its_drawing(
        parts in prop::collection::vec(prop::option::weighted(0.8, prop::array::uniform6(any::<i64>())), 0..30),
    ) {
        let movements = |[new, reactivation, expansion, contraction, churn, net]: [i64; 6]| Movements {
            new, reactivation, expansion, contraction, churn, fx: 0, net,
        };
        let chart = MovementChart {
            title: "Any movements".to_owned(),
            currency: Currency::USD,
            slots: slots(parts.len()).into_iter().zip(parts.into_iter().map(|part| part.map(movements))).collect(),
        };
        prop_assert_eq!(outside(&chart.scene(Size::new(480, 240)).unwrap()), None);
    }
}
