"""Makes paired-images.json: what scikit-image computes of pictures and their partners.

    python3 test/golden/make_paired_images.py        (Debian's python3-skimage 0.19.3)
"""

import json
from pathlib import Path

import numpy as np
import skimage
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

rng = np.random.default_rng(7)
GAUSSIAN = dict(gaussian_weights=True, sigma=1.5, use_sample_covariance=False)


def case(batch, height, width, channels, low, high, noise):
    span = high - low
    base = rng.uniform(low, high, size=(batch, height // 4 + 1, width // 4 + 1, channels))
    smooth = base.repeat(4, 1).repeat(4, 2)[:, :height, :width]
    first = np.clip(smooth, low, high)
    second = np.clip(smooth * 0.9 + rng.normal(size=smooth.shape) * noise * span, low, high)
    # Rounded, so that float32 holds nearly what is written.
    first, second = (np.round(x, 4) for x in (first, second))
    each = lambda measure: float(np.mean([measure(x, y) for x, y in zip(first, second)]))
    similarity = lambda **window: each(
        lambda x, y: structural_similarity(x, y, data_range=span, channel_axis=-1, **window)
    )
    return {
        "shape": list(first.shape),
        "valueRange": [low, high],
        "first": first.flatten().tolist(),
        "second": second.flatten().tolist(),
        "psnr": each(lambda x, y: peak_signal_noise_ratio(x, y, data_range=span)),
        "gaussian": similarity(**GAUSSIAN),
        "uniform": similarity(),
    }


golden = {
    "versions": {"skimage": skimage.__version__, "numpy": np.__version__},
    "color in -1…1": case(2, 16, 13, 3, -1, 1, 0.05),
    "gray in 0…1": case(3, 11, 20, 1, 0, 1, 0.2),
}
path = Path(__file__).with_name("paired-images.json")
path.write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n")
