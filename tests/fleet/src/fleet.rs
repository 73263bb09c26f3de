//! All processes, in the order of time.

use std::time::Duration;

use crate::client::Client;
use crate::day::{Day, Key};
use crate::figures::Figures;
use crate::process::{Process, World};
use crate::queue::Event;

/// What happens to all processes at one moment.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Rotation(Key),
    Flood(bool),
    End,
}

/// Simulates a day of so many processes. The same seed gives the same day.
#[must_use]
pub fn run<C: Client>(day: &Day, processes: u32, seed: u64) -> Figures {
    let mut world = World::new(day, seed);
    let mut fleet: Vec<Process<C>> = (0..processes).map(Process::new).collect();
    for id in 0..processes {
        for (from, until) in [
            (Duration::ZERO, day.start),
            (day.deploy.from, day.deploy.until),
        ] {
            let at = world.chance.between(from, until);
            world.queue.push(at, id, 0, Event::Start);
        }
    }
    for (at, turn) in turns(day) {
        while let Some(entry) = world.queue.pop_before(at) {
            if let Some(process) = fleet.get_mut(entry.process as usize) {
                process.on_event(&mut world, entry);
            }
        }
        for process in &mut fleet {
            process.settle(&mut world, at);
        }
        match turn {
            Turn::Rotation(key) => {
                world.traffic = world.traffic.rotated(at);
                (world.earlier, world.current) = (world.current, key);
            }
            Turn::Flood(begins) => world.is_flooded = begins,
            Turn::End => break,
        }
        for process in &mut fleet {
            process.resume(&mut world, at);
        }
    }
    world
        .ledger
        .finish(day, processes, world.issuer.into_requests())
}

fn turns(day: &Day) -> Vec<(Duration, Turn)> {
    let rotations = day.rotations.iter();
    let mut turns: Vec<_> = rotations
        .map(|rotation| (rotation.used, Turn::Rotation(rotation.key)))
        .chain([
            (day.flood.from, Turn::Flood(true)),
            (day.flood.until, Turn::Flood(false)),
            (day.length, Turn::End),
        ])
        .collect();
    turns.sort_by_key(|(at, _)| *at);
    turns
}
