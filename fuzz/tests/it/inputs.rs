//! Inputs from a generator with a fixed seed.

/// Returns the seeds, then random bytes and seeds with random changes in turn.
pub(crate) fn inputs(seeds: Vec<Vec<u8>>, count: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let made = (0..count).map({
        let seeds = seeds.clone();
        move |at| {
            let mut input =
                if at % 4 == 0 { random.bytes(400) } else { seeds[random.below(seeds.len())].clone() };
            for _ in 0..random.below(1 + at % 8) {
                change(&mut input, &seeds, &mut random);
            }
            input
        }
    });
    seeds.into_iter().chain(made)
}

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let place = random.below(input.len() + 1);
    match random.below(6) {
        0 => input.truncate(place),
        1 => input.insert(place, random.byte()),
        2 => {
            let seed = &seeds[random.below(seeds.len())];
            let from = random.below(seed.len() + 1);
            input.splice(place.., seed[from..].iter().copied());
        }
        3 => input.extend(random.bytes(8)),
        4 if place < input.len() => input[place] = random.byte(),
        _ if place < input.len() => input[place] ^= 1 << random.below(8),
        _ => {}
    }
}

/// xorshift64*
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from((self.next() >> 33) % u64::try_from(end).unwrap()).unwrap()
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| self.byte()).collect()
    }
}
