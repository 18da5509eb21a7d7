/// A closed way over the map. Positions are latitude and longitude in degrees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    pub(super) carrier: &'static str,
    pub(super) time_zone: (&'static str, &'static str),
    pub(super) country_code: i64,
    waypoints: &'static [(f64, f64)],
}

pub(super) const ROUTES: [Route; 4] = [
    Route {
        carrier: "iot.telenordic",
        time_zone: ("+01:00", "Europe/Oslo"),
        country_code: 242,
        // Oslo: harbour, opera, old town, along the river and back.
        waypoints: &[
            (59.9087, 10.7230),
            (59.9075, 10.7531),
            (59.9061, 10.7700),
            (59.9139, 10.7773),
            (59.9225, 10.7586),
            (59.9296, 10.7390),
            (59.9206, 10.7235),
            (59.9139, 10.7150),
        ],
    },
    Route {
        carrier: "m2m.rheinnetz",
        time_zone: ("+01:00", "Europe/Berlin"),
        country_code: 262,
        // Hamburg: around the Alster and through the warehouses.
        waypoints: &[
            (53.5438, 9.9885),
            (53.5466, 10.0090),
            (53.5563, 10.0135),
            (53.5745, 10.0180),
            (53.5870, 10.0050),
            (53.5760, 9.9960),
            (53.5580, 9.9870),
            (53.5490, 9.9700),
        ],
    },
    Route {
        carrier: "iot.lusocell",
        time_zone: ("+00:00", "Europe/Lisbon"),
        country_code: 268,
        // Lisbon: along the Tagus and up through the avenues.
        waypoints: &[
            (38.6968, -9.1790),
            (38.7040, -9.1620),
            (38.7066, -9.1405),
            (38.7140, -9.1230),
            (38.7277, -9.1340),
            (38.7370, -9.1460),
            (38.7277, -9.1560),
            (38.7120, -9.1680),
        ],
    },
    Route {
        carrier: "iot.pacifica",
        time_zone: ("-08:00", "America/Vancouver"),
        country_code: 302,
        // Vancouver: downtown and around Stanley Park.
        waypoints: &[
            (49.2810, -123.1150),
            (49.2886, -123.1180),
            (49.2960, -123.1330),
            (49.3017, -123.1180),
            (49.3135, -123.1400),
            (49.3000, -123.1560),
            (49.2868, -123.1420),
            (49.2750, -123.1330),
        ],
    },
];

/// Metres per degree of latitude.
const DEGREE_M: f64 = 111_320.0;

impl Route {
    pub(super) fn length_m(&self) -> f64 {
        self.legs().map(|(from, to)| distance_m(from, to)).sum()
    }

    /// The position after so many metres, on as many rounds as it takes.
    pub(super) fn position(&self, metres: f64) -> (f64, f64) {
        let mut rest = metres.rem_euclid(self.length_m());
        for (from, to) in self.legs() {
            let length = distance_m(from, to);
            if rest < length {
                let share = rest / length;
                return (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
            }
            rest -= length;
        }
        self.waypoints[0]
    }

    /// How far the nearest corner is, along the way.
    pub(super) fn corner_distance_m(&self, metres: f64) -> f64 {
        let mut rest = metres.rem_euclid(self.length_m());
        for (from, to) in self.legs() {
            let length = distance_m(from, to);
            if rest < length {
                return rest.min(length - rest);
            }
            rest -= length;
        }
        0.0
    }

    fn legs(&self) -> impl Iterator<Item = ((f64, f64), (f64, f64))> + use<> {
        let following = self.waypoints.iter().cycle().skip(1);
        self.waypoints.iter().copied().zip(following.copied())
    }
}

/// On a plane, which is exact enough within a town.
fn distance_m(from: (f64, f64), to: (f64, f64)) -> f64 {
    let north = (to.0 - from.0) * DEGREE_M;
    let east = (to.1 - from.1) * DEGREE_M * from.0.to_radians().cos();
    f64::hypot(north, east)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_closed_and_of_a_sensible_length() {
        for route in ROUTES {
            let length = route.length_m();
            assert!((3_000.0..20_000.0).contains(&length), "{length}");
            let (start, end) = (route.position(0.0), route.position(length - 0.001));
            assert!(distance_m(start, end) < 0.01);
        }
    }

    #[test]
    fn equal_steps_along_the_way_are_equal_steps_on_the_map() {
        let route = ROUTES[0];
        for step in 0..600 {
            let (from, to) = (f64::from(step) * 10.0, f64::from(step + 1) * 10.0);
            assert!(distance_m(route.position(from), route.position(to)) < 10.1);
        }
    }
}
