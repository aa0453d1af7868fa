"""What skorch calls while it trains the course's networks."""

from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from skorch.callbacks import LRScheduler, TensorBoard


class Board(TensorBoard):
    """Opens its records when a training begins, so that searches can copy it.

    Each training has a folder of its own, which TensorBoard shows as a run.
    """

    def __init__(self, folder, writer=None, **kwargs):
        super().__init__(writer, **kwargs)  # copies pass all that one was made of
        self.folder = folder

    def on_train_begin(self, net, **kwargs):
        from torch.utils.tensorboard import SummaryWriter

        Path(self.folder).mkdir(parents=True, exist_ok=True)
        self.writer = SummaryWriter(mkdtemp(prefix="training-", dir=self.folder))
        super().on_train_begin(net, **kwargs)

    def on_train_end(self, net, **kwargs):
        super().on_train_end(net, **kwargs)
        self.writer = None


class Schedule(LRScheduler):
    """Falls over as many epochs as the net has, also where a search sets them."""

    def _get_scheduler(self, net, policy, lr_lambda):
        config = replace(lr_lambda.config, epochs=net.max_epochs)
        return super()._get_scheduler(net, policy, lr_lambda=Factor(config))


class Factor:
    """The factor of the learning rate by epoch; a class, so that it pickles."""

    def __init__(self, config):
        self.config = config

    def __call__(self, epoch):
        return self.config.rate(min(epoch, self.config.epochs)) / self.config.lr
