/// The value below which that share of them lies; 0 when there are none.
pub(crate) fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or_default()
}

/// Frames a second, of the times between them in milliseconds.
pub(crate) fn frames_per_second(intervals: &[f64]) -> f64 {
    let all: f64 = intervals.iter().sum();
    if all > 0.0 { intervals.len() as f64 * 1e3 / all } else { 0.0 }
}

/// For everything that was sent, how long it took until it or something newer was painted. Both in the order of time;
/// `painted` is what was painted, and when.
pub(crate) fn latencies(sent: &[f64], painted: &[(f64, f64)]) -> Vec<f64> {
    let mut painted = painted.iter().peekable();
    let first = painted.peek().map_or(f64::INFINITY, |(value, _)| *value);
    let mut latencies = Vec::with_capacity(sent.len());
    // What was sent before anybody watched says nothing. Times are told to the microsecond.
    for sent in sent.iter().filter(|sent| **sent >= first - 1e-3) {
        while painted.next_if(|(value, _)| *value < sent - 1e-3).is_some() {}
        match painted.peek() {
            Some((_, at)) => latencies.push(at - sent),
            // Sent at the end, and nobody watched any more.
            None => break,
        }
    }
    latencies
}
