import numpy as np

from riskmodel.histories.codes_kernel import number_within


def test_numbers_start_anew_with_each_owner_and_missing_items_stay():
    owner, item = np.array([0, 0, 0, 0, 2, 2]), np.array([3, -1, 1, 3, 1, 1])
    room, local = np.full((2, 4), -1), np.full(6, -1, dtype=np.int32)
    number_within(owner, item, room[0], room[1], local)
    assert local.tolist() == [0, -1, 1, 0, 0, 0]
