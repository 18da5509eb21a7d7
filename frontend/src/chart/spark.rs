/// Path data of a sparkline: the last values of a resource in a box of `width` × `height`, evenly spaced.
/// `None` while there is nothing to see: fewer than two values, or all the same.
pub(crate) fn spark_path(values: &[f64], width: f64, height: f64) -> Option<String> {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if values.len() < 2 || low >= high {
        return None;
    }
    let step = width / (values.len() - 1) as f64;
    let mut path = String::with_capacity(values.len() * 12);
    for (i, value) in values.iter().enumerate() {
        // A pixel of air, so that the stroke is not cut off.
        let y = 1.0 + (height - 2.0) * (1.0 - (value - low) / (high - low));
        let command = if i == 0 { 'M' } else { 'L' };
        path.push_str(&format!("{command}{:.1} {y:.1}", step * i as f64));
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_its_box() {
        assert_eq!(spark_path(&[0.0, 1.0, 0.5], 70.0, 16.0).as_deref(), Some("M0.0 15.0L35.0 1.0L70.0 8.0"));
        assert_eq!(spark_path(&[1.0], 70.0, 16.0), None);
        assert_eq!(spark_path(&[1.0, 1.0], 70.0, 16.0), None);
    }
}
