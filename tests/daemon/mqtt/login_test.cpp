#include "daemon/mqtt/login.hpp"

#include <gtest/gtest.h>

namespace b2m {
namespace {

// Two examples of Alibaba Cloud's help pages on signing, recomputed with `openssl dgst -sha1 -hmac`.
TEST(AliyunLogin, SignsAsTheExamplesOfThePlatform) {
  const AliyunLogin first{"a14Xib5kdYd", "light1983432", "oLyaKqVxtRvjH284LdhqVgVUx1UPy6zq", SignMethod::hmac_sha1,
                          "1539421321846"};
  EXPECT_EQ(aliyun_credentials(first, "SN1928339", true).value(),
            (Credentials{"SN1928339|securemode=2,signmethod=hmacsha1,timestamp=1539421321846|",
                         "light1983432&a14Xib5kdYd", "b2488041f64f425016b467ee1c94959ebd592ad1"}));
  const AliyunLogin second{"pk", "device", "secret", SignMethod::hmac_sha1, "789"};
  EXPECT_EQ(aliyun_credentials(second, "12345", false).value(),
            (Credentials{"12345|securemode=3,signmethod=hmacsha1,timestamp=789|", "device&pk",
                         "fafd82a3d602b37fb0fa8b7892f24a477f851a14"}));
}

// printf clientId12345deviceNamedeviceproductKeypk | openssl dgst -sha256 -hmac secret
TEST(AliyunLogin, WithoutATimestampNoneIsSigned) {
  const AliyunLogin login{"pk", "device", "secret"};
  EXPECT_EQ(aliyun_credentials(login, "12345", true).value(),
            (Credentials{"12345|securemode=2,signmethod=hmacsha256|", "device&pk",
                         "c8cb3dcb7159682438e5fd9a9c34f398e41bb8edb6f222795e307bafee151090"}));
}

TEST(AliyunLogin, TheIdIsCutAtTheSixtyFourCharactersThatThePlatformTakes) {
  const AliyunLogin login{"pk", "device", "secret"};
  EXPECT_EQ(aliyun_credentials(login, std::string(80, 'a'), true).value().client_id,
            std::string(64, 'a') + "|securemode=2,signmethod=hmacsha256|");
}

}  // namespace
}  // namespace b2m
