use lwm2m_codec::{Path, registration::LwM2mVersion};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::Design;
use crate::{
    dice::Dice,
    objects::{
        Battery, Bearer, Behaviour, ConnectivityMonitoring, DeviceObject, FixedLocation, Gauge, Identity,
        Moment, Power, Values,
    },
    signal::{self, Wander},
};

/// A weather station. All values follow the sun and the pressure: where that falls, clouds, wind and rain come.
struct WeatherStation {
    temperature: Gauge,
    humidity: Gauge,
    pressure: Gauge,
    illuminance: Gauge,
    wind: Gauge,
    rain: Gauge,
    mean_temperature: f64,
    swing: f64,
    air: Wander,
    fronts: Wander,
    gusts: Wander,
    local_offset_s: f64,
}

/// Place, height above the sea, time zone, its offset, mean temperature, operator.
type Site = ((f64, f64), f64, (&'static str, &'static str), f64, f64, (&'static str, i64));

const SITES: [Site; 3] = [
    ((60.39, 5.32), 12.0, ("+01:00", "Europe/Oslo"), 3600.0, 8.0, ("iot.telenordic", 242)),
    ((47.27, 11.39), 574.0, ("+01:00", "Europe/Vienna"), 3600.0, 10.0, ("m2m.rheinnetz", 232)),
    ((38.72, -9.14), 45.0, ("+00:00", "Europe/Lisbon"), 0.0, 17.5, ("iot.lusocell", 268)),
];

pub(super) fn design(dice: &mut Dice, version: LwM2mVersion) -> Design {
    let (place, altitude_m, time_zone, local_offset_s, mean_temperature, operator) = dice.choose(&SITES);
    let serial = format!("WX{}", dice.digits(9));
    let identity = Identity {
        manufacturer: "Alpenklima",
        model: dice.choose(&["WetterMast 200", "WetterMast 300"]),
        device_type: "Weather station",
        serial: serial.clone(),
        firmware: "2.0.5",
        hardware: "D1",
        time_zone,
    };
    let battery = Battery::new(dice, 600.0);
    let device = DeviceObject::new(identity, Power::Solar(battery), dice);
    let station = WeatherStation::new(dice, mean_temperature, local_offset_s);
    let location = FixedLocation::near(dice, place, altitude_m);
    let network = ConnectivityMonitoring::new(dice, version, Bearer::NbIot, operator);
    Design {
        endpoint: format!("urn:dev:ops:32473-WetterMast-{serial}"),
        device,
        objects: vec![Box::new(station), Box::new(location), Box::new(network)],
    }
}

impl WeatherStation {
    fn new(dice: &mut Dice, mean_temperature: f64, local_offset_s: f64) -> Self {
        Self {
            temperature: Gauge::new((3303, 0), "Cel", "Air", (-40.0, 60.0), 0.01),
            humidity: Gauge::new((3304, 0), "%RH", "Air", (0.0, 100.0), 0.1),
            pressure: Gauge::new((3315, 0), "hPa", "Station pressure", (850.0, 1085.0), 0.01),
            illuminance: Gauge::new((3301, 0), "lx", "Sky", (0.0, 120_000.0), 1.0),
            wind: Gauge::new((3346, 0), "m/s", "Wind", (0.0, 60.0), 0.1),
            rain: Gauge::new((3300, 0), "mm/h", "Rain", (0.0, 120.0), 0.1),
            mean_temperature: mean_temperature + dice.between(-1.0, 1.0),
            swing: dice.between(3.0, 6.0),
            air: Wander::new(dice, 0.8, 900.0),
            fronts: Wander::new(dice, 1.0, 40_000.0),
            gusts: Wander::new(dice, 1.0, 120.0),
            local_offset_s,
        }
    }

    fn gauges(&mut self) -> [&mut Gauge; 6] {
        [
            &mut self.temperature,
            &mut self.humidity,
            &mut self.pressure,
            &mut self.illuminance,
            &mut self.wind,
            &mut self.rain,
        ]
    }
}

impl Behaviour for WeatherStation {
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        [&self.temperature, &self.humidity, &self.pressure, &self.illuminance, &self.wind, &self.rain]
            .into_iter()
            .try_for_each(|gauge| gauge.insert_into(tree))
    }

    fn advance(&mut self, moment: Moment) -> Values {
        let time_s = moment.unix_s;
        let local_s = time_s + self.local_offset_s;
        // 1 in the middle of a low, -1 in the middle of a high.
        let low = -self.fronts.at(time_s);
        let clouds = (0.5 + low).clamp(0.05, 1.0);
        let swing = self.swing * (1.2 - clouds) * signal::day(local_s);
        let temperature = self.mean_temperature + swing - 1.5 * low + self.air.at(time_s);
        let gust = 1.0 + 0.4 * self.gusts.at(time_s);
        let mut values = self.temperature.measure(temperature);
        values.extend(self.humidity.measure(68.0 - 4.0 * swing + 20.0 * low));
        values.extend(self.pressure.measure(1013.0 - 18.0 * low + 0.2 * self.air.at(time_s)));
        values.extend(self.illuminance.measure(95_000.0 * signal::sun(local_s) * (1.05 - clouds)));
        values.extend(self.wind.measure((3.0 + 6.0 * clouds) * gust));
        values.extend(self.rain.measure((clouds - 0.75).max(0.0) * 20.0 * gust));
        values
    }

    fn executed(&mut self, path: Path) -> Values {
        self.gauges().into_iter().flat_map(|gauge| gauge.executed(path)).collect()
    }
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::Value;

    use super::*;

    #[test]
    fn days_are_warm_dry_and_bright() {
        let mut station = WeatherStation::new(&mut Dice::new(1, 1), 10.0, 0.0);
        let mut mean = |hour: u32, path: Path| {
            let total: f64 = (0..60)
                .map(|day| {
                    let unix_s = f64::from(day * 86_400 + hour * 3600);
                    let values = station.advance(Moment { unix_s, elapsed_s: 3600.0 });
                    match values.iter().find(|(at, _)| *at == path) {
                        Some((_, Value::Float(value))) => *value,
                        other => panic!("{other:?}"),
                    }
                })
                .sum();
            total / 60.0
        };
        let [temperature, humidity, light] = [3303, 3304, 3301].map(|object| Path::resource(object, 0, 5700));
        assert!(mean(15, temperature) > mean(3, temperature) + 2.0);
        assert!(mean(15, humidity) < mean(3, humidity));
        assert!(mean(12, light) > 10_000.0 && mean(0, light) < 1.0);
    }
}
