//! What a board for an Object has: for each Resource worth a chart one over all devices, and the newest value of each beside
//! it.

use console_api::{BoardSeries, Tile, TileKind};
use lwm2m_codec::{Path, ValueType};
use lwm2m_model::{ObjectDefinition, ResourceDefinition};

/// Resources that sensors and actuators report: the first of these that an Object has says what it is about. Sensor Value,
/// Digital Input State, On/Off, Analog Output, Dimmer.
const TELLING: [u16; 5] = [5700, 5500, 5850, 5650, 5851];

/// Bounds, calibration and what was measured once (5601 to 5604, 5821, 5822) have no course.
const STILL: [u16; 7] = [5601, 5602, 5603, 5604, 5821, 5822, 5518];

/// Charts of a board that is made from an Object: more are not looked at together.
const CHARTS: usize = 4;

/// Places for values beside a chart: two in a row, two rows.
const VALUES: usize = 4;

/// Resources of an Object that are worth a chart.
pub(crate) fn charted(object: &ObjectDefinition) -> Vec<&ResourceDefinition> {
    let find = |id: &u16| object.resources.iter().find(|resource| resource.id == *id && has_course(resource));
    if let Some(telling) = TELLING.iter().find_map(find) {
        return vec![telling];
    }
    let mut charted: Vec<&ResourceDefinition> =
        object.resources.iter().filter(|resource| has_course(resource)).collect();
    // What has a unit is measured.
    charted.sort_by_key(|resource| resource.units.is_empty());
    charted.truncate(CHARTS);
    charted
}

fn has_course(resource: &ResourceDefinition) -> bool {
    let counts = matches!(
        resource.value_type,
        Some(ValueType::Integer | ValueType::Unsigned | ValueType::Float | ValueType::Boolean)
    );
    counts && resource.operations.read && !resource.multiple && !STILL.contains(&resource.id)
}

/// Tiles for the instances that devices have of an Object.
pub(crate) fn tiles_for(object: &ObjectDefinition, devices: &[(String, Vec<u16>)]) -> Vec<Tile> {
    let mut tiles = Vec::new();
    for (row, resource) in charted(object).into_iter().enumerate() {
        let all: Vec<BoardSeries> = devices
            .iter()
            .flat_map(|(endpoint, instances)| {
                instances.iter().map(|instance| BoardSeries {
                    endpoint: endpoint.clone(),
                    path: Path::resource(object.id, *instance, resource.id).to_string(),
                })
            })
            .collect();
        if all.is_empty() {
            continue;
        }
        let y = row as u16 * 4;
        let series = all.iter().take(Tile::SERIES).cloned().collect();
        tiles.push(Tile { kind: TileKind::Chart, title: None, x: 0, y, width: 8, height: 4, series });
        for (index, one) in all.into_iter().take(VALUES).enumerate() {
            let (x, y) = (8 + index as u16 % 2 * 2, y + index as u16 / 2 * 2);
            let series = vec![one];
            tiles.push(Tile { kind: TileKind::Value, title: None, x, y, width: 2, height: 2, series });
        }
    }
    tiles
}

#[cfg(test)]
mod tests {
    use lwm2m_model::Registry;

    use super::*;

    fn registry() -> Registry {
        let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/registry/registry.bin"));
        Registry::from_bytes(&bytes.unwrap()).unwrap()
    }

    fn ids(object: u16) -> Vec<u16> {
        charted(registry().object(object).unwrap()).iter().map(|resource| resource.id).collect()
    }

    #[test]
    fn what_is_worth_a_chart() {
        assert_eq!(ids(3303), [5700]);
        assert_eq!(ids(3311), [5850]);
        assert_eq!(ids(3342), [5500]);
        assert!(ids(3).contains(&9), "{:?}", ids(3));
        assert!(ids(4).contains(&2), "{:?}", ids(4));
    }

    #[test]
    fn a_chart_over_all_devices_and_a_value_of_each() {
        let registry = registry();
        let devices = [("a".to_owned(), vec![0]), ("b".to_owned(), vec![0, 1])];
        let tiles = tiles_for(registry.object(3303).unwrap(), &devices);
        assert_eq!((tiles.len(), tiles[0].series.len()), (4, 3));
        assert_eq!(tiles[0].series[2], BoardSeries { endpoint: "b".into(), path: "/3303/1/5700".into() });
        for (index, one) in tiles.iter().enumerate() {
            assert!(tiles[index + 1..].iter().all(|other| !one.overlaps(other)));
        }
        assert!(tiles_for(registry.object(3303).unwrap(), &[]).is_empty());
        let many: Vec<(String, Vec<u16>)> = (0..30).map(|at| (at.to_string(), vec![0])).collect();
        assert_eq!(tiles_for(registry.object(3303).unwrap(), &many)[0].series.len(), Tile::SERIES);
    }
}
