//! Keys that were published in the documentation or tests of this project.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The first 8 bytes of each 32-byte half of these keys and of published test vectors.
const PREFIXES: [u64; 97] = [
    0x6fb0_c91e_2a77_4d85,
    0x0d5a_e8f1_947c_b326,
    0xc81d_24f6_9ab0_5e77,
    0x5be0_9a47_1dc6_f823,
    0x37a0_f2c9_6b15_d84e,
    0xe419_76cd_02b3_8af5,
    0xfffe_fdfc_fbfa_f9f8,
    0x7f7e_7d7c_7b7a_7978,
    0x2b27_e429_fb6c_0267,
    0xe409_92eb_4f64_9e5d,
    0x9903_7935_e620_da1d,
    0x7bf9_e536_b66a_215c,
    0xea70_81db_53ce_4955,
    0x1e22_5caf_b903_39bb,
    0x612e_8378_43ce_ae7f,
    0x96e1_e489_6fb2_cd05,
    0x649e_373e_681e_f52e,
    0x2989_6233_5a07_5e9e,
    0xea1a_7831_e6fd_0804,
    0x009e_8288_da0a_3d22,
    0xb620_2ef3_dad5_a426,
    0xfa82_aef8_c8d6_e3cd,
    0x4ed2_37ae_3d06_6df7,
    0x56df_5d41_a110_a63a,
    0x2e94_a84c_78be_80cd,
    0x60bf_711a_162c_f6a1,
    0x5aad_f8dd_380e_4287,
    0xb099_c4a6_13f5_efda,
    0xdd06_55b5_099c_4acb,
    0xaa62_8569_3fc4_0a59,
    0x18a4_688d_a2ad_1e11,
    0x95b3_30aa_5fff_a6c0,
    0xb3b7_c2c6_d3d8_0918,
    0x2700_a20e_f5c3_eb4d,
    0xcc5d_599a_ecbe_d35b,
    0x71a7_adc7_222f_471c,
    0x83bc_39bf_7b5f_aaf0,
    0x0001_0203_0405_0607,
    0xbc76_35c1_fd56_6aa8,
    0xb175_6a8c_96e6_00b7,
    0xaff6_388f_dd29_08e0,
    0xcc3a_9d8f_838f_4564,
    0x4842_61eb_f7e1_fb66,
    0x06b3_4501_d13c_1dad,
    0x0b6a_af05_f9b5_221e,
    0x33c9_f233_d4b2_cc9c,
    0xd47a_b6d5_1f99_f424,
    0xe4bc_4b5d_8623_162d,
    0xeef6_bcf1_6ef7_ae17,
    0x5032_a989_9fac_f2db,
    0xc25c_afc6_018b_98df,
    0x3533_4a45_dbe8_d8da,
    0x27fa_f97f_b303_aa4f,
    0x6c82_0fc2_d91b_f48f,
    0x97bf_d0f3_e9bb_8167,
    0x60c9_cb41_16f6_30ed,
    0xe2c5_662b_b18f_bb41,
    0x4258_0b2b_4edb_c37e,
    0x3ab0_62db_dd38_b951,
    0xaabb_f37d_5d3f_6a39,
    0x9e57_5cd8_991b_32f0,
    0x26dc_b49a_faea_19a5,
    0x6d43_cfc9_30a1_e005,
    0xc778_0f72_7bfe_6904,
    0x673c_ea58_2bf3_982c,
    0xf641_9979_7523_4f8b,
    0x8f13_f2bf_02d7_2360,
    0xd449_5d19_6676_ef52,
    0x67b3_ab00_075a_0e3d,
    0xc66a_f611_6681_5dff,
    0xa661_c6a9_0fd4_0d8a,
    0x1219_e544_615b_56e1,
    0xa40b_1cc1_10e1_aa28,
    0x6de3_b9bd_8299_4e5f,
    0x8af0_e579_98dd_68b0,
    0xe411_0d55_07c0_4d73,
    0x6e06_3240_d83d_4a90,
    0x044b_3727_571d_1ca5,
    0x9593_f0d6_679e_8e18,
    0x98e4_fd1d_1481_f360,
    0x77f7_dd66_2a8f_0aaf,
    0xa82f_0bc8_4939_cf70,
    0x8916_d034_2001_5619,
    0xdc30_9121_7584_607e,
    0x2a93_a0c3_7797_bee0,
    0x0047_9d1d_fe04_e89e,
    0x1393_83f3_f82d_c78e,
    0x6594_4918_20c6_b829,
    0xeac9_6a89_b8e0_c928,
    0xc5f0_bb55_e654_e51b,
    0xc0f4_bede_68c6_ed5a,
    0x28c6_fb87_b1b4_90d8,
    0xcd86_89f8_2181_7f59,
    0xa702_d001_b9b9_9cc1,
    0x72a7_6714_e017_1e82,
    0xd494_2e1a_e144_21e1,
    0x2021_2223_2425_2627,
];
/// The number of seeds of [`generated`] that are published in tests.
const SEEDS: u64 = 2048;
/// All prefixes, computed when a key is first checked.
static PUBLISHED: LazyLock<HashSet<u64>> =
    LazyLock::new(|| PREFIXES.into_iter().chain((0..SEEDS).flat_map(generated)).collect());

/// Whether the bytes contain the prefix of a published key.
pub(crate) fn contains(bytes: &[u8]) -> bool {
    let is_prefix =
        |window: &[u8]| window.try_into().is_ok_and(|window| PUBLISHED.contains(&u64::from_be_bytes(window)));
    bytes.windows(8).any(is_prefix)
}

/// Returns the prefixes of both halves of the key that tests generate from a seed: the high bytes of Knuth's linear
/// congruential generator.
fn generated(seed: u64) -> [u64; 2] {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    let bytes: [u8; 40] = std::array::from_fn(|_| next());
    [0, 32].map(|from| u64::from_be_bytes(std::array::from_fn(|index| bytes[from + index])))
}
