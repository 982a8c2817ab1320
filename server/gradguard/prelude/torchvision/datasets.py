"""torchvision.datasets: pictures and the number of their class, or a target nothing is known about."""

import _gradguard as gg
from torch.utils.data.dataset import Dataset


class VisionDataset(Dataset):
    channels = 3

    def __init__(self, *args, transform=None, target_transform=None, **kwargs):
        self.transform = transform
        self.target_transform = target_transform
        self.classes = gg.unknown()

    def __len__(self):
        return gg.unknown()

    def _picture(self):
        return gg.unknown() if self.transform is None else gg.new_tensor((self.channels, gg.unknown(), gg.unknown()))

    def __getitem__(self, index):
        return self._picture(), 0 if self.target_transform is None else gg.unknown()


class MNIST(VisionDataset):
    channels = 1


class FashionMNIST(MNIST):
    pass


class KMNIST(MNIST):
    pass


class EMNIST(MNIST):
    pass


class QMNIST(MNIST):
    pass


class USPS(MNIST):
    pass


class CIFAR10(VisionDataset):
    pass


class CIFAR100(VisionDataset):
    pass


class SVHN(VisionDataset):
    pass


class STL10(VisionDataset):
    pass


class ImageNet(VisionDataset):
    pass


class ImageFolder(VisionDataset):
    pass


class DatasetFolder(VisionDataset):
    pass


class FakeData(VisionDataset):
    pass


class Food101(VisionDataset):
    pass


class Flowers102(VisionDataset):
    pass


class OxfordIIITPet(VisionDataset):
    pass


class _WithOtherTargets(VisionDataset):
    def __getitem__(self, index):
        return self._picture(), gg.unknown()


class CelebA(_WithOtherTargets):
    pass


class CocoDetection(_WithOtherTargets):
    pass


class CocoCaptions(_WithOtherTargets):
    pass


class VOCDetection(_WithOtherTargets):
    pass


class VOCSegmentation(_WithOtherTargets):
    pass


class Cityscapes(_WithOtherTargets):
    pass
