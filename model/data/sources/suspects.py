"""Doubtful digits of UNIPEN: their five nearest neighbours share another label.

The neighbours are from other sets. About a third are mislabelled, the rest are rare styles; none is trained on.
"""

import hashlib

import numpy as np

from model.data.sources.strokes import Written

# The first 32 bits of the SHA-256 of each; see `is_suspect`.
SUSPECTS = """
016c061a 0271510b 02d011d3 036b0a78 0375ec91 04188e4b 049ae4dd 07abf654 08dcf4b8 09161150 099d3cf6 0a576bc1
0a99cb56 0b29ce38 0b8f30dc 0d4d2339 0d5ac0f6 0e28acb7 0f91d9ee 0fada8ab 1063fc55 10847fde 108b5c55 10f59be3
11167004 13b1ede3 13b7deaf 14196f09 1510076f 16e36322 1759ffaa 177a945a 17af6ad0 182d7e98 18d9ec95 1cca3f8a
1e4cd9df 210d0b84 257ac4be 259a07dd 25e36fcb 26363abc 26e34246 26f8edae 298a43ae 2a50ec39 2ee6434b 30e08388
321597bc 32c12f5f 32c2b65c 3307e229 35e3e81b 3a474d6c 3c3ba9aa 3eb4b92d 40356b61 42d1513b 43f7a150 4460f743
44bd9a51 45460202 45590b16 4b97d3e5 4ccbc5e8 4cf3a3d5 4eb1b71b 4f356d3b 5269ab46 538bd793 53ac0c43 547bee8b
54953ed0 554f42ed 55c9a13c 56005fe8 5621cf4b 574a16d6 574f97c4 57be854d 57dd7cc2 59c9becf 5a79e4a2 5b3d2a03
5c952f9a 5cb48227 5d123398 5d8ea49d 6143f265 61781397 63d9d040 63dd1852 6559df15 67a3fa0f 694d5c00 6970fda3
6989da43 6af3d305 6b0bc02a 6b10727a 6b944c57 6e85e49a 6f729ca9 70a54d5f 71d17d16 71e8d4fc 726ad8ae 72b37642
733c8866 73a96c91 74aec04a 77f65bac 7b32a011 7ceef19a 7e5fa547 7e9d6004 7ee94c6e 7f7dd4fd 802c1435 80ff276a
82a333d8 848398b5 854fde8f 85feb982 865fab05 892a465b 89452f07 89f1af5c 8ac97bc7 8d18fb60 8d84e8cf 8eca0a1a
8fbd21ce 9019e118 91a61095 91de56f5 920bccce 926734ce 93943ea1 93ce463b 93cf1112 952c3456 96a09c7d 97bc8869
985deb87 9984a669 9986da95 9b90e09b 9d5009b4 9d5651d8 9efe6bde a08bccd6 a0c7e294 a127dfd7 a2320564 a2640bfd
a67abbdb a82291fb a951ab3a a9ca60b8 ab2bb4a3 ab54192b ab709eeb abdb5d1f acdbbf45 afeeefec b00625a3 b1ad72f5
b30cc114 b37e97ab b380b662 b450980e b48e851e b4e8c565 b534e18b b67447ef b694053d b765a4c9 b8fed221 b9fdaf3f
ba724215 bb8a4194 bd0f00aa be80b01f be92b5dd bf27b373 c1dedfa2 c2d8f169 c2efa9bc c4a508d0 c5432a12 c6fc0f89
c7311412 c7581238 c986e5ec cadd2a1a cba8e2cb cc20de28 cc25b784 cda71311 d003eca8 d1af3551 d36a89db d52d7c34
da26700b da45e968 dcfe2ae1 de08dccf ded3ecdc df2aab5e e14dd55e e2647abc e37bb8e2 e512defc e5e32753 ebc7a9a2
eda0ae43 ee93cb3d ef1acb72 f0b5a793 f113d047 f11cb93b f185a2c6 f1ec23d5 f29d6d03 f379e812 f5160c8c f54c37de
f554cc16 f62dc15a f6dc0d6b f72e1ca9 f9388bf0 fa56e62b fb9e6b95 fbaf4d6f fbf16943 fc6bf729 fe9853e4 fefa8ea8
ff43cfd8
"""


def is_suspect(written: Written) -> bool:
    """Whether it is one of them, by its label and its points rounded to tablet units."""
    points = np.rint(np.concatenate(written.strokes)).astype("<i4")
    return hashlib.sha256(written.label.encode() + points.tobytes()).hexdigest()[:8] in SUSPECTS
