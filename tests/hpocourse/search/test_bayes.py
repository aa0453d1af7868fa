import pytest
from optuna.testing import pytest_samplers
from hpocourse.search._bayes import BayesOptSampler

class TestOptunasSuite(pytest_samplers.BasicSamplerTestCase,pytest_samplers.RelativeSamplerTestCase,pytest_samplers.SingleOnlySamplerTestCase):
    @pytest.fixture
    def sampler(self):
        return lambda: BayesOptSampler(seed=0)
