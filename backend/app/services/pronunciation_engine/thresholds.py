"""Every threshold a delivery measure depends on, stored with the result so that it can be taken again."""

from collections.abc import Mapping

from app.services.pronunciation_engine import (
    acoustics,
    audibility,
    filled_pauses,
    guessing,
    intelligibility,
    rhythm,
    stress,
    timing,
    voices,
)

THRESHOLDS: Mapping[str, float] = {
    "pause_ms": timing.PAUSE_MS,
    "long_pause_ms": timing.LONG_PAUSE_MS,
    "unclear_below_probability": intelligibility.UNCLEAR_BELOW,
    "unclear_margin_probability": intelligibility.UNCLEAR_MARGIN,
    "audible_range_db": audibility.RANGE_DB,
    "channel_noise_log_odds": audibility.NOISE_WEIGHT,
    "channel_line_log_odds": audibility.LINE_WEIGHT,
    "channel_max_log_odds": audibility.MAX_ALLOWANCE,
    "guess_below_chance": guessing.GUESS_BELOW,
    "guess_alone_intercept": guessing.ALONE[0],
    "guess_alone_log_odds_weight": guessing.ALONE[1],
    "guess_together_intercept": guessing.TOGETHER[0],
    "guess_together_log_odds_weight": guessing.TOGETHER[1],
    "guess_together_disagreement_weight": guessing.TOGETHER[2],
    "pitch_floor_hz": acoustics.FLOOR_HZ,
    "pitch_ceiling_hz": acoustics.CEILING_HZ,
    "filled_pause_min_ms": filled_pauses.MIN_MS,
    "filled_pause_max_spectral_change_db": filled_pauses.MAX_SPECTRAL_CHANGE_DB,
    "filled_pause_max_pitch_spread_st": filled_pauses.MAX_PITCH_SPREAD_ST,
    "filled_pause_max_pitch_slope_st_s": filled_pauses.MAX_PITCH_SLOPE_ST_S,
    "filled_pause_min_level_db": filled_pauses.MIN_LEVEL_DB,
    "filled_pause_min_median_probability": filled_pauses.MIN_MEDIAN_PROBABILITY,
    "second_voice_hole_octaves": voices.HOLE_OCTAVES,
    "second_voice_stretch_frames": voices.STRETCH_FRAMES,
    "second_voice_min_stretches": voices.MIN_STRETCHES,
    "rhythm_min_vowels": rhythm.MIN_VOWELS,
    "rhythm_min_pairs": rhythm.MIN_PAIRS,
    "stress_min_longer_log_ratio": stress.MIN_LONGER,
    "stress_min_louder_db": stress.MIN_LOUDER_DB,
    "stress_min_higher_st": stress.MIN_HIGHER_ST,
}
