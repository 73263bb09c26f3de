//! Tables against the curves' own crates, and the cases that the formulas leave out.

use std::vec::Vec;

use super::*;

/// For each curve a module with the same tests.
macro_rules! curve_tests {
    ($name:ident, $krate:ident, $curve:ident, $octets:literal) => {
        mod $name {
            use $krate::elliptic_curve::PrimeField;
            use $krate::elliptic_curve::ops::{Invert, Reduce};
            use $krate::elliptic_curve::sec1::ToSec1Point;
            use $krate::{ProjectivePoint, Scalar};

            use super::*;
            use crate::precomputed::nist::$curve as Curve;

            type Element = <Curve as NistCurve>::Element;

            fn coordinates(point: ProjectivePoint) -> (Vec<u8>, Vec<u8>) {
                let point = point.to_affine().to_sec1_point(false);
                (point.x().unwrap().to_vec(), point.y().unwrap().to_vec())
            }

            fn tables(key: ProjectivePoint) -> EcdsaTables<Curve> {
                let (x, y) = coordinates(key);
                EcdsaTables::build(&x, &y).unwrap()
            }

            fn x_modulo_order(point: ProjectivePoint) -> Scalar {
                let x: [u8; $octets] = coordinates(point).0.try_into().unwrap();
                <Scalar as Reduce<$krate::FieldBytes>>::reduce(&x.into())
            }

            fn is(point: &Xyzz<Element>, expected: ProjectivePoint) -> bool {
                let (x, y) = coordinates(expected);
                let element = |octets: &[u8]| Element::from_octets(octets).unwrap();
                point.has_x(&element(&x)) && point.has_y(&element(&y))
            }

            /// A number that depends on `seed`.
            fn scalar(seed: u64) -> Scalar {
                let seed = Scalar::from(seed) + Scalar::from(0x9e37_79b9_7f4a_7c15_u64);
                (0..20).fold(seed, |number, _| number * number + seed)
            }

            #[test]
            fn the_numbers_of_the_curve() {
                let (x, y) = coordinates(ProjectivePoint::GENERATOR);
                assert_eq!(Curve::GENERATOR, (x.as_slice(), y.as_slice()));
                // The order is one more than the largest scalar.
                let mut largest = (-Scalar::ONE).to_repr().to_vec();
                *largest.last_mut().unwrap() += 1;
                assert_eq!(Curve::ORDER, largest);
                assert_eq!(Curve::ORDER_BITS, Scalar::NUM_BITS);
                // order + difference is the prime.
                let order = Element::from_octets(Curve::ORDER).unwrap();
                let difference = Element::from_octets(Curve::PRIME_MINUS_ORDER).unwrap();
                assert!(order.add(&difference).is_zero() && !difference.is_zero());
            }

            #[test]
            fn every_place_and_digit_of_a_table_is_the_product_it_stands_for() {
                let key = ProjectivePoint::GENERATOR * scalar(1);
                let tables = tables(key);
                for (table, point, width) in [
                    (&tables.key, key, Curve::KEY_WIDTH),
                    (
                        tables.generator,
                        ProjectivePoint::GENERATOR,
                        Curve::GENERATOR_WIDTH,
                    ),
                ] {
                    let mut base = point;
                    let mut unit = Scalar::ONE;
                    for _ in 0..Curve::ORDER_BITS / width {
                        let mut expected = base;
                        let mut number = unit;
                        for _ in 0..1 << (width - 1) {
                            let sum = Sum::ZERO.add(table, number.to_repr().as_ref()).unwrap();
                            assert!(is(sum.point().unwrap(), expected));
                            expected += base;
                            number += unit;
                        }
                        for _ in 0..width {
                            base += base;
                            unit = unit.double();
                        }
                    }
                }
            }

            #[test]
            fn scalars_at_the_edges_and_between() {
                let key = ProjectivePoint::GENERATOR * scalar(2);
                let tables = tables(key);
                let zero = Sum::ZERO.add(&tables.key, Scalar::ZERO.to_repr().as_ref());
                assert!(zero.unwrap().point().is_none());
                // The order times the point is infinity, which no formula here can reach.
                assert!(Sum::ZERO.add(&tables.key, Curve::ORDER).is_none());
                let edges = [Scalar::ONE, -Scalar::ONE, Scalar::ONE + Scalar::ONE];
                let scalars: Vec<Scalar> = edges.into_iter().chain((3..40).map(scalar)).collect();
                for (u1, u2) in scalars.iter().zip(scalars.iter().rev()) {
                    let sum = Sum::ZERO
                        .add(tables.generator, u1.to_repr().as_ref())
                        .unwrap();
                    let sum = sum.add(&tables.key, u2.to_repr().as_ref()).unwrap();
                    let expected = ProjectivePoint::GENERATOR * u1 + key * u2;
                    assert!(is(sum.point().unwrap(), expected));
                }
            }

            /// Signatures over chosen digests whose sum `u1*G + u2*Q` adds a point to itself:
            /// they are valid, and the tables must not call them anything else.
            #[test]
            fn a_valid_signature_whose_sum_is_a_doubling_is_left_to_the_wrapped_provider() {
                for (secret, u2) in [
                    (Scalar::ONE, Scalar::ONE),
                    (-Scalar::ONE, Scalar::ONE),
                    (Scalar::ONE.double(), Scalar::ONE),
                    (scalar(50), Scalar::ONE),
                    (scalar(51), Scalar::from(3u64)),
                    (scalar(52), -Scalar::ONE),
                    (scalar(53), Scalar::from(1u64 << 60)),
                ] {
                    let key = ProjectivePoint::GENERATOR * secret;
                    let tables = tables(key);
                    let u1 = u2 * secret;
                    let r = x_modulo_order(ProjectivePoint::GENERATOR * u1.double());
                    let s = r * Option::<Scalar>::from(Invert::invert_vartime(&u2)).unwrap();
                    let signature = [r.to_repr(), s.to_repr()].concat();
                    // Valid by the definition, computed with formulas that have no exceptions.
                    let sum = ProjectivePoint::GENERATOR * u1 + key * u2;
                    assert_eq!(x_modulo_order(sum), r);
                    // With many digits the doubling is spread over several additions.
                    let expected = if u2 == -Scalar::ONE { Some(true) } else { None };
                    assert_eq!(tables.verify(&digest_of(u1 * s), &signature), expected);
                    // The same with -u1: the sum is infinity.
                    assert_eq!(tables.verify(&digest_of(-u1 * s), &signature), None);
                }
            }

            /// A digest whose leftmost bits are the number.
            fn digest_of(z: Scalar) -> Vec<u8> {
                let spare = Curve::ORDER_BITS.wrapping_neg() % 8;
                (0..spare).fold(z.to_repr().to_vec(), |digest, _| doubled(&digest))
            }

            fn doubled(number: &[u8]) -> Vec<u8> {
                let below = number.iter().skip(1).chain(&[0]);
                let octet = |(octet, below): (&u8, &u8)| octet << 1 | below >> 7;
                number.iter().zip(below).map(octet).collect()
            }

            #[test]
            fn r_stands_for_itself_and_for_the_order_more() {
                let element = |octets: &[u8]| Element::from_octets(octets).unwrap();
                let at_x = |x: Element| Xyzz::from_affine(&Affine { x, y: Element::ONE });
                let mut five = [0; $octets];
                five[$octets - 1] = 5;
                let order = element(Curve::ORDER);
                assert!(is_x_modulo_order::<Curve>(&at_x(element(&five)), &five));
                let more = at_x(element(&five).add(&order));
                assert!(is_x_modulo_order::<Curve>(&more, &five));
                assert!(!is_x_modulo_order::<Curve>(&at_x(Element::ONE), &five));
                // r + n at the prime and above it is not x, though it is so modulo the prime.
                let mut r = Curve::PRIME_MINUS_ORDER.to_vec();
                assert!(!is_x_modulo_order::<Curve>(&at_x(Element::ZERO), &r));
                *r.last_mut().unwrap() -= 1;
                assert!(is_x_modulo_order::<Curve>(
                    &at_x(Element::ZERO.sub(&Element::ONE)),
                    &r
                ));
            }

            #[test]
            fn r_and_s_outside_the_range_are_refused() {
                let tables = tables(ProjectivePoint::GENERATOR);
                let one = Scalar::ONE.to_repr();
                for bad in [Curve::ORDER, &[0; $octets], &[0xff; $octets]] {
                    let refused = Some(false);
                    assert_eq!(tables.verify(&[1; 32], &[bad, &one].concat()), refused);
                    assert_eq!(tables.verify(&[1; 32], &[&one, bad].concat()), refused);
                }
                assert_eq!(tables.verify(&[1; 32], &[]), Some(false));
            }

            #[test]
            fn a_table_that_is_wrong_is_not_used() {
                // A point beside the curve has products that the curve's crate does not agree to.
                let (x, mut y) = coordinates(ProjectivePoint::GENERATOR);
                *y.last_mut().unwrap() ^= 1;
                let built = EcdsaTables::<Curve>::build(&x, &y);
                assert_eq!(built.err(), Some(NotBuilt::Wrong));
            }
        }
    };
}

#[cfg(feature = "p256")]
curve_tests!(p256_tables, p256, P256, 32);
#[cfg(feature = "p384")]
curve_tests!(p384_tables, p384, P384, 48);
#[cfg(feature = "p521")]
curve_tests!(p521_tables, p521, P521, 66);
