use console_api::{HistoryBucket, HistoryBuckets, UnreadableDay};

use super::*;

fn bucket(times: &[(u64, f64)]) -> HistoryBucket {
    let values = || times.iter().map(|(_, value)| *value);
    let ((first_ms, first), (last_ms, last)) = (times[0], times[times.len() - 1]);
    HistoryBucket {
        start_ms: first_ms,
        count: times.len() as u64,
        min: values().fold(f64::INFINITY, f64::min),
        max: values().fold(f64::NEG_INFINITY, f64::max),
        mean: values().sum::<f64>() / times.len() as f64,
        first,
        first_ms,
        last,
        last_ms,
    }
}

fn stretch(to_ms: u64, open: bool, buckets: Vec<HistoryBucket>) -> Stretch {
    let told = HistoryBuckets { from_ms: 0, to_ms, width_ms: 10, buckets, unreadable: vec![] };
    Stretch::new(told, open)
}

fn pyramid(points: &[(f64, f64)]) -> Pyramid {
    let mut pyramid = Pyramid::default();
    pyramid.catch_up(points, 0);
    pyramid
}

/// First time and count of each part that is drawn, run by run.
fn drawn(course: &Course<'_>, from_ms: f64, to_ms: f64) -> Vec<Vec<(f64, u64)>> {
    let runs = course.runs(from_ms, to_ms, 1000);
    runs.iter().map(|run| run.iter().map(|part| (part.first.0, part.count)).collect()).collect()
}

#[test]
fn what_is_stored_goes_on_live_without_a_double() {
    let stored = stretch(100, true, vec![bucket(&[(10, 1.0)]), bucket(&[(20, 2.0), (25, 4.0)])]);
    let points = [(20.0, 2.0), (25.0, 4.0), (30.0, 3.0), (40.0, 5.0)];
    let pyramid = pyramid(&points);
    let course =
        Course::new(Some(&stored), Some(Heard { points: &points, pyramid: &pyramid, gaps: &[] }), None);
    assert_eq!(drawn(&course, 0.0, 1000.0), [vec![(10.0, 1), (20.0, 2), (30.0, 1), (40.0, 1)]]);
    let all = course.summary(0.0, 1000.0).unwrap();
    assert_eq!((all.count, all.low, all.high, all.mean(), all.last), (5, 1.0, 5.0, 3.0, (40.0, 5.0)));
    assert_eq!(course.summary(26.0, 30.0).unwrap().count, 1);
    assert_eq!(course.summary(41.0, 99.0), None);
    assert_eq!(course.oldest_ms(), Some(10.0));
    assert_eq!(course.parts(0.0, 30.0).map(|part| part.count).sum::<u64>(), 4);
}

#[test]
fn before_the_store_has_answered_there_is_what_was_heard() {
    let points = [(20.0, 2.0), (30.0, 3.0)];
    let pyramid = pyramid(&points);
    let course = Course::new(None, Some(Heard { points: &points, pyramid: &pyramid, gaps: &[20.0] }), None);
    assert_eq!(drawn(&course, 0.0, 1000.0), [vec![(20.0, 1)], vec![(30.0, 1)]], "a gap is a gap");
    // The store knows what was missed.
    let stored = stretch(100, true, vec![bucket(&[(20, 2.0)]), bucket(&[(24, 2.5)]), bucket(&[(30, 3.0)])]);
    let course =
        Course::new(Some(&stored), Some(Heard { points: &points, pyramid: &pyramid, gaps: &[20.0] }), None);
    assert_eq!(drawn(&course, 0.0, 1000.0), [vec![(20.0, 1), (24.0, 1), (30.0, 1)]]);
}

#[test]
fn a_stretch_of_the_past_ends_where_it_was_asked_to() {
    let stored = stretch(25, false, vec![bucket(&[(10, 1.0)]), bucket(&[(20, 2.0)])]);
    let points = [(20.0, 2.0), (22.0, 9.0), (25.0, 3.0), (40.0, 5.0)];
    let pyramid = pyramid(&points);
    let course =
        Course::new(Some(&stored), Some(Heard { points: &points, pyramid: &pyramid, gaps: &[] }), None);
    let times: Vec<f64> = course.parts(0.0, 99.0).map(|part| part.first.0).collect();
    assert_eq!(times, [10.0, 20.0, 40.0]);
    assert_eq!(Course::new(None, None, None).nearest(5.0), None);
    assert_eq!(course.nearest(16.0).unwrap().first.0, 20.0);
    assert_eq!(course.nearest(99.0).unwrap().first.0, 40.0);
    assert_eq!(course.nearest(0.0).unwrap().first.0, 10.0);
}

#[test]
fn a_silence_longer_than_the_maximum_period_is_a_gap() {
    let runs = |times: &[f64], pmax_ms: Option<f64>| {
        let points: Vec<(f64, f64)> = times.iter().map(|at| (*at * 1000.0, 0.0)).collect();
        let pyramid = pyramid(&points);
        let course =
            Course::new(None, Some(Heard { points: &points, pyramid: &pyramid, gaps: &[] }), pmax_ms);
        drawn(&course, 0.0, 1e6).iter().map(Vec::len).collect::<Vec<_>>()
    };
    assert_eq!(runs(&[0.0, 10.0, 20.0, 200.0, 210.0], Some(10e3)), [3, 2]);
    assert_eq!(runs(&[0.0, 10.0, 20.0, 200.0, 210.0], None), [5], "nothing had to come");
    assert_eq!(runs(&[0.0, 60.0, 120.0, 180.0, 185.0], Some(5e3)), [5], "the period was longer then");
}

#[test]
fn nobody_knows_what_was_before_somebody_listened() {
    let stored = stretch(100, true, vec![bucket(&[(10, 1.0)]), bucket(&[(20, 2.0)]), bucket(&[(30, 3.0)])]);
    let course = || Course::new(Some(&stored), None, None);
    assert_eq!(drawn(&course(), 0.0, 100.0).len(), 1);
    // The first value comes with the observation itself.
    let observed = course().broken_at([19.0].into_iter());
    assert_eq!(drawn(&observed, 0.0, 100.0), [vec![(10.0, 1)], vec![(20.0, 1), (30.0, 1)]]);
    assert!(observed.holds(&Summary::of((30.0, 3.0))));
    // The server was started after the last of them.
    let away = course().broken_at([55.0].into_iter());
    assert!(drawn(&away, 0.0, 100.0).len() == 1 && !away.holds(&Summary::of((30.0, 3.0))));
}

#[test]
fn a_day_that_cannot_be_read_is_a_gap() {
    const DAY_MS: u64 = 86_400_000;
    let unreadable = vec![UnreadableDay { day: "1970-01-02".into(), why: "damaged".into() }];
    let buckets = vec![bucket(&[(DAY_MS - 5, 1.0)]), bucket(&[(2 * DAY_MS + 5, 2.0)])];
    let told = HistoryBuckets { from_ms: 0, to_ms: 3 * DAY_MS, width_ms: 10, buckets, unreadable };
    let stored = Stretch::new(told, true);
    assert_eq!(Course::new(Some(&stored), None, None).runs(0.0, 3.0 * DAY_MS as f64, 100).len(), 2);
    assert!(stored.missing().unwrap().contains("1970-01-02 cannot be read (damaged)"));
}

#[test]
fn extremes_stay_and_the_work_is_bounded() {
    let points: Vec<(f64, f64)> =
        (0..100_000).map(|i| (f64::from(i), if i == 50_123 { 99.0 } else { f64::from(i % 7) })).collect();
    let pyramid = pyramid(&points);
    let course = Course::new(None, Some(Heard { points: &points, pyramid: &pyramid, gaps: &[] }), None);
    let runs = course.runs(0.0, 99_999.0, 500);
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].len(), 500);
    assert_eq!(runs[0].iter().map(|column| column.count).sum::<u64>(), 100_000);
    assert!(runs[0].iter().any(|column| column.high == 99.0));
    // Some of it: with a value on either side, so that the line comes in and goes out.
    let runs = course.runs(10_000.0, 10_010.0, 500);
    assert_eq!(runs[0].first().unwrap().first.0, 9_999.0);
    assert_eq!(runs[0].last().unwrap().first.0, 10_011.0);
    assert_eq!(runs[0].len(), 13);
}

#[test]
fn a_stretch_serves_what_it_covers_finely_enough() {
    let coarse = stretch(1000, true, vec![bucket(&[(10, 1.0), (11, 1.0)])]);
    assert!(coarse.serves((0.0, 1000.0), 100.0, true));
    assert!(!coarse.serves((0.0, 100.0), 100.0, false), "a bucket of 10 ms for each column of 1 ms");
    let exact = stretch(1000, false, vec![bucket(&[(10, 1.0)])]);
    assert!(exact.serves((0.0, 100.0), 100.0, false));
    assert!(!exact.serves((0.0, 100.0), 100.0, true), "it ends before the present");
    assert!(!exact.serves((0.0, 2000.0), 10.0, false));
}
