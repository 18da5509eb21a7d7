/// So near to an edge of what scrolls, in CSS pixels, something that is carried makes it scroll.
const EDGE: f64 = 32.0;

/// The most that it scrolls in a frame: about 900 pixels in a second.
const FASTEST: f64 = 15.0;

/// How far to scroll in a frame along one axis. Beyond the edges nothing scrolls: there things are dropped to be removed.
pub(crate) fn scroll_pace(at: f64, start: f64, end: f64) -> f64 {
    if !(start..=end).contains(&at) || end - start < 2.0 * EDGE {
        return 0.0;
    }
    let depth = |distance: f64| (1.0 - distance / EDGE).max(0.0);
    (depth(end - at) - depth(at - start)) * FASTEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_to_an_edge_the_faster_and_beyond_it_not_at_all() {
        let pace = |at| scroll_pace(at, 100.0, 500.0);
        assert_eq!([pace(300.0), pace(99.0), pace(501.0)], [0.0; 3]);
        assert_eq!((pace(100.0), pace(500.0)), (-FASTEST, FASTEST));
        assert!(pace(480.0) > 0.0 && pace(480.0) < pace(495.0));
        assert!(pace(120.0) < 0.0 && pace(120.0) > pace(105.0));
        assert_eq!(scroll_pace(10.0, 0.0, 40.0), 0.0, "too small to tell its edges apart");
    }
}
