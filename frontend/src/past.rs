//! A stretch of the past in buckets, as a chart shows it. Nothing here asks the browser.

use console_api::HistoryBucket;

use crate::chart::rounded;
use crate::format;

/// Where on the time axis a bucket stands: in the middle of its values.
pub(crate) fn middle_ms(bucket: &HistoryBucket) -> f64 {
    (bucket.first_ms as f64 + bucket.last_ms as f64) / 2.0
}

/// The bucket nearest in time.
pub(crate) fn nearest(buckets: &[HistoryBucket], at_ms: f64) -> Option<usize> {
    let distance = |bucket: &HistoryBucket| (middle_ms(bucket) - at_ms).abs();
    let by_distance = |a: &(usize, f64), b: &(usize, f64)| a.1.total_cmp(&b.1);
    let distances = buckets.iter().map(distance).enumerate();
    distances.min_by(by_distance).map(|(index, _)| index)
}

/// `min 20.1 · max 24.3 · mean 22 · 1,234 values`
pub(crate) fn figures(buckets: &[HistoryBucket]) -> Option<String> {
    let count: u64 = buckets.iter().map(|bucket| bucket.count).sum();
    let low = buckets.iter().map(|bucket| bucket.min).reduce(f64::min)?;
    let high = buckets.iter().map(|bucket| bucket.max).reduce(f64::max)?;
    let sum: f64 = buckets.iter().map(|bucket| bucket.mean * bucket.count as f64).sum();
    let mean = rounded(sum / count.max(1) as f64);
    let (low, high) = (format::float(low), format::float(high));
    Some(format!("min {low} · max {high} · mean {mean} · {}", format::plural(count as usize, "value")))
}

/// One value as it is, several by their mean and what lies around it: `21.4 °C (20.1 to 22.3, 12 values)`
pub(crate) fn told(bucket: &HistoryBucket, units: &str) -> String {
    if bucket.count == 1 {
        return format!("{} {units}", format::float(bucket.last)).trim_end().to_owned();
    }
    let (low, high) = (format::float(bucket.min), format::float(bucket.max));
    let mean = format!("{} {units}", rounded(bucket.mean));
    format!("{} ({low} to {high}, {} values)", mean.trim_end(), format::count(bucket.count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(start_ms: u64, count: u64, min: f64, mean: f64, max: f64) -> HistoryBucket {
        let (first_ms, last_ms) = (start_ms, start_ms + 10);
        HistoryBucket { start_ms, count, min, max, mean, first: min, first_ms, last: max, last_ms }
    }

    #[test]
    fn figures_weigh_each_bucket_by_its_values() {
        let buckets = [bucket(0, 1, 10.0, 10.0, 10.0), bucket(100, 3, 20.0, 22.0, 24.0)];
        assert_eq!(figures(&buckets).as_deref(), Some("min 10 · max 24 · mean 19 · 4 values"));
        assert_eq!(figures(&[]), None);
    }

    #[test]
    fn the_nearest_bucket_is_read_out() {
        let buckets = [bucket(0, 1, 7.5, 7.5, 7.5), bucket(100, 3, 20.0, 22.0, 24.0)];
        assert_eq!(nearest(&buckets, 40.0), Some(0));
        assert_eq!(nearest(&buckets, 80.0), Some(1));
        assert_eq!(nearest(&[], 0.0), None);
        assert_eq!(told(&buckets[0], "%"), "7.5 %");
        assert_eq!(told(&buckets[1], "°C"), "22 °C (20 to 24, 3 values)");
    }
}
