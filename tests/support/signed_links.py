"""Real-looking signed links of every common style, for the moments that a test wants."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from builders import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    Signer = Callable[[dt.datetime, dt.datetime], str]

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
MD5 = "0cc175b9c0f1b6a831c399e269772661"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def epoch(moment: dt.datetime) -> int:
    return int(moment.timestamp())


def base64url(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def jwt(**claims: object) -> str:
    return f"{base64url({'alg': 'HS256', 'typ': 'JWT'})}.{base64url(claims)}.c2lnbmF0dXJl"


def cloudfront_policy(start: dt.datetime | None, end: dt.datetime) -> str:
    condition = {"DateLessThan": {"AWS:EpochTime": epoch(end)}}
    if start:
        condition["DateGreaterThan"] = {"AWS:EpochTime": epoch(start)}
    policy = {"Statement": [{"Resource": "https://d1.cloudfront.net/?*>~", "Condition": condition}]}
    encoded = base64.b64encode(json.dumps(policy).encode()).decode()
    return encoded.translate(str.maketrans("+=/", "-_~"))


def dated(host: str, vendor: str) -> Signer:
    return lambda start, end: (
        f"https://{host}/clips/clip.mp4?{vendor}-Algorithm=HMAC-SHA256"
        f"&{vendor}-Credential=AKIAEXAMPLE%2F{start:%Y%m%d}%2Fus-east-1%2Fs3%2Frequest"
        f"&{vendor}-Date={start:%Y%m%dT%H%M%SZ}&{vendor}-Expires={epoch(end) - epoch(start)}"
        f"&{vendor}-SignedHeaders=host&{vendor}-Signature={SHA}"
    )


# Styles that say a start and an end.
BOTH: dict[str, Signer] = {
    "S3, version 4": dated("bucket.s3.eu-west-1.amazonaws.com", "X-Amz"),
    "S3 of another seller": dated("acc.r2.cloudflarestorage.com", "X-Amz"),
    "GCS, version 4": dated("storage.googleapis.com", "X-Goog"),
    "OSS, version 4": dated("bucket.oss-cn-hangzhou.aliyuncs.com", "x-oss"),
    "TOS": dated("bucket.tos-cn-beijing.volces.com", "X-Tos"),
    "OBS, version 4": dated("bucket.obs.cn-north-4.myhuaweicloud.com", "X-Obs"),
    "Azure": lambda start, end: (
        "https://acc.blob.core.windows.net/c/clip.mp4?sp=r"
        f"&st={start:%Y-%m-%dT%H:%M:%SZ}&se={end:%Y-%m-%dT%H:%M:%SZ}&spr=https&sv=2022-11-02"
        "&sr=b&sig=Zm9v%2Bbar%3D"
    ),
    "Azure, escaped, seven decimals": lambda start, end: (
        f"https://acc.blob.core.windows.net/c/clip.mp4?sv=2022-11-02"
        f"&st={start:%Y-%m-%dT%H%%3A%M%%3A%S}.0000000Z&se={end:%Y-%m-%dT%H%%3A%M%%3A%S}.0000000Z"
        "&sr=b&sp=r&sig=Zm9v%2Bbar%3D"
    ),
    "Azure, signed by a user": lambda start, end: (
        "https://acc.blob.core.windows.net/c/clip.mp4?sv=2022-11-02&skoid=1&sktid=2"
        f"&skt={start:%Y-%m-%dT%H:%M:%SZ}&ske={end:%Y-%m-%dT%H:%M:%SZ}&sks=b&skv=2022-11-02"
        f"&st={start:%Y-%m-%dT%H:%M:%SZ}&se={end + DAY:%Y-%m-%dT%H:%M:%SZ}&sr=b&sp=r&sig=Zm9v"
    ),
    "CloudFront, a policy": lambda start, end: (
        f"https://d1.cloudfront.net/clip.mp4?Policy={cloudfront_policy(start, end)}"
        "&Signature=abc~def-ghi__&Key-Pair-Id=K2JCJMDEHXQW5F"
    ),
    "COS": lambda start, end: (
        "https://b-125.cos.ap-beijing.myqcloud.com/clip.mp4?q-sign-algorithm=sha1&q-ak=AKID"
        f"&q-sign-time={epoch(start)};{epoch(end)}&q-key-time={epoch(start)};{epoch(end)}"
        "&q-header-list=host&q-url-param-list=&q-signature=0123"
    ),
    "COS, escaped": lambda start, end: (
        f"https://b-125.cos.ap-beijing.myqcloud.com/clip.mp4?q-sign-algorithm=sha1&q-ak=AKID"
        f"&q-sign-time={epoch(start)}%3B{epoch(end)}&q-signature=0123"
    ),
    "BOS": lambda start, end: (
        "https://b.bj.bcebos.com/clip.mp4?authorization=bce-auth-v1%2Fak%2F"
        f"{start:%Y-%m-%dT%H%%3A%M%%3A%SZ}%2F{epoch(end) - epoch(start)}%2Fhost%2F{SHA}"
    ),
    "Akamai": lambda start, end: (
        "https://cdn.apimart-user.com/clip.mp4?hdnts=st="
        f"{epoch(start)}~exp={epoch(end)}~acl=/*~hmac={SHA}"
    ),
    "Akamai, another name, escaped": lambda start, end: (
        "https://cdn.apimart-user.com/clip.mp4?hdnea=ip%3D1.2.3.4%7Est%3D"
        f"{epoch(start)}%7Eexp%3D{epoch(end)}%7Eacl%3D%2F%2A%7Ehmac%3D{SHA}"
    ),
    "Akamai, in the path": lambda start, end: (
        f"https://cdn.apimart-user.com/hdntl=st={epoch(start)}~exp={epoch(end)}~acl=%2f*~data=hdntl"
        f"~hmac={SHA}/a/clip.mp4"
    ),
    "Discord": lambda start, end: (
        "https://cdn.discordapp.com/attachments/1/2/clip.mp4"
        f"?ex={epoch(end):x}&is={epoch(start):x}&hm={SHA}&"
    ),
    "a JWT": lambda start, end: (
        f"https://apimart-user.com/clip.mp4?auth={jwt(nbf=epoch(start), exp=epoch(end), sub='me')}"
    ),
    "a JWT in the path": lambda start, end: (
        f"https://customer-1.cloudflarestream.com/{jwt(sub='f', exp=epoch(end), nbf=epoch(start))}"
        "/downloads/default.mp4"
    ),
    "GitHub, a picture of a comment": lambda start, end: (
        "https://private-user-images.githubusercontent.com/1/2-3.mp4"
        f"?jwt={jwt(iss='github.com', key='key5', exp=epoch(end), nbf=epoch(start), path='/1/2')}"
    ),
    "GitHub, a file of a release": lambda start, end: (
        "https://release-assets.githubusercontent.com/github-production-release-asset/1/2?sp=r"
        f"&sv=2018-11-09&sr=b&spr=https&se={end:%Y-%m-%dT%H%%3A%M%%3A%SZ}"
        f"&st={start:%Y-%m-%dT%H%%3A%M%%3A%SZ}&rscd=attachment&sig=Zm9v"
        f"&jwt={jwt(exp=epoch(end + HOUR), nbf=epoch(start))}"
    ),
}
# Styles that say their end alone.
END: dict[str, Callable[[dt.datetime], str]] = {
    "S3, version 2": lambda end: (
        "https://bucket.s3.amazonaws.com/clip.mp4?AWSAccessKeyId=AKIAEXAMPLE"
        f"&Expires={epoch(end)}&Signature=Zm9v%2Bbar%3D"
    ),
    "GCS, version 2": lambda end: (
        "https://storage.googleapis.com/b/clip.mp4?GoogleAccessId=me%40p.iam.gserviceaccount.com"
        f"&Expires={epoch(end)}&Signature=Zm9v"
    ),
    "OSS, version 1": lambda end: (
        "https://b.oss-cn-beijing.aliyuncs.com/clip.mp4"
        f"?OSSAccessKeyId=LTAI&Expires={epoch(end)}&Signature=Zm9v&security-token=CAIS"
    ),
    "OSS, version 2": lambda end: (
        "https://b.oss-cn-beijing.aliyuncs.com/clip.mp4?x-oss-signature-version=OSS2"
        f"&x-oss-expires={epoch(end)}&x-oss-access-key-id=LTAI&x-oss-signature=Zm9v"
    ),
    "OBS": lambda end: (
        "https://b.obs.cn-north-4.myhuaweicloud.com/clip.mp4"
        f"?AccessKeyId=AK&Expires={epoch(end)}&Signature=Zm9v"
    ),
    "Azure without a start": lambda end: (
        f"https://a.blob.core.windows.net/c/clip.mp4?se={end:%Y-%m-%dT%H:%MZ}&sv=2022-11-02&sig=Zm9"
    ),
    "CloudFront": lambda end: (
        f"https://d1.cloudfront.net/clip.mp4?Expires={epoch(end)}&Signature=a~b-c__&Key-Pair-Id=K2"
    ),
    "CloudFront, a policy without a start": lambda end: (
        f"https://d1.cloudfront.net/clip.mp4?Policy={cloudfront_policy(None, end)}"
        "&Signature=abc&Key-Pair-Id=K2"
    ),
    "Bunny": lambda end: (
        f"https://z.b-cdn.net/clip.mp4?token=HS256-kQx8uC5_0vMyW1nTq3&expires={epoch(end)}"
    ),
    "Bunny, in the path": lambda end: (
        f"https://z.b-cdn.net/bcdn_token=kQx8uC5_0vMyW1nTq3&expires={epoch(end)}"
        "&token_path=%2Fa%2F/a/clip.mp4"
    ),
    "KeyCDN": lambda end: f"https://z.kxcdn.com/clip.mp4?token={MD5}&expire={epoch(end)}",
    "Qiniu": lambda end: (
        f"https://cdn.apimart-user.com/clip.mp4?e={epoch(end)}&token=MY_ACCESS_KEY:Zm9vYmFy"
    ),
    "Qiniu's CDN": lambda end: f"https://cdn.apimart-user.com/clip.mp4?sign={MD5}&t={epoch(end):x}",
    "Tencent VOD": lambda end: (
        f"https://1.vod2.myqcloud.com/a/clip.mp4?t={epoch(end):x}&us=1&sign={MD5}"
    ),
    "Upyun": lambda end: f"https://b.upaiyun.com/clip.mp4?_upt=abcdef12{epoch(end)}",
    "Fastly": lambda end: f"https://cdn.apimart-user.com/clip.mp4?token={epoch(end)}_0x{SHA}",
    "CDN77": lambda end: f"https://1.rsc.cdn77.org/clip.mp4?secure=kQx8uC5_0vMyW1nTq3,{epoch(end)}",
    "CDN77, in the path": lambda end: (
        f"https://1.rsc.cdn77.org/kQx8uC5_0vMyW1nTq3uXyz,{epoch(end)}/a/clip.mp4"
    ),
    "Media CDN": lambda end: (
        f"https://m.apimart-user.com/edge-cache-token=Expires={epoch(end)}&KeyName=k&Signature=Zm9v"
        "/clip.mp4"
    ),
    "Vimeo": lambda end: (
        f"https://vod-progressive.akamaized.net/exp={epoch(end)}~acl=%2Fvimeo-prod%2F%2A~hmac={SHA}"
        "/vimeo-prod/1/clip.mp4"
    ),
    "Cloudinary, a token": lambda end: (
        f"https://r.cloudinary.com/clip.mp4?__cld_token__=exp={epoch(end)}~acl=/x~hmac={SHA}"
    ),
    "Supabase": lambda end: (
        "https://p.supabase.co/storage/v1/object/sign/bucket/clip.mp4"
        f"?token={jwt(url='bucket/clip.mp4', iat=1, exp=epoch(end))}"
    ),
    "Mux": lambda end: (
        f"https://stream.mux.com/a1/high.mp4?token={jwt(sub='a1', aud='v', exp=epoch(end))}"
    ),
    "Runway": lambda end: f"https://d1.cloudfront.net/c.mp4?_jwt={jwt(keyHash=1, exp=epoch(end))}",
    "SharePoint": lambda end: (
        "https://me.sharepoint.com/_layouts/15/download.aspx?UniqueId=1"
        f"&tempauth=v1.{base64url({'siteid': '1', 'exp': str(epoch(end))})}.CgoK.x"
    ),
    "GitHub, a package": lambda end: (
        "https://codeload.github.com/me/it/legacy.zip/main"
        f"?token=AAAA&Expires={epoch(end)}&Signature=x"
    ),
    "Instagram": lambda end: (
        "https://scontent.cdninstagram.com/o1/v/t16/f2/m86/A.mp4"
        f"?_nc_cat=1&_nc_ohc=x&oh=00_AYDx&oe={epoch(end):X}&_nc_sid=1"
    ),
    "Facebook": lambda end: (
        f"https://video.xx.fbcdn.net/v/t42/1_n.mp4?oh=00_AfX&oe={epoch(end):x}&efg=eyJ9"
    ),
    "TikTok": lambda end: (
        f"https://p16-sign.tiktokcdn.com/obj/a.jpeg?x-expires={epoch(end)}&x-signature=Zm9v%3D"
    ),
    "TikTok, a video": lambda end: (
        f"https://v16.tiktok.com/video/tos/a/?a=1988&expire={epoch(end)}&l=2026&signature={MD5}"
    ),
    "YouTube": lambda end: (
        f"https://rr1---sn-a.googlevideo.com/videoplayback?expire={epoch(end)}&ei=a&sig=AJf"
    ),
    "LinkedIn": lambda end: (
        f"https://dms.licdn.com/playlist/vid/v2/A/mp4?e={epoch(end)}&v=beta&t=Zm9v"
    ),
    "Bilibili": lambda end: (
        f"https://u.bilivideo.com/a.mp4?e=ig8&deadline={epoch(end)}&upsig={MD5}&uparams=e"
    ),
    "Weibo": lambda end: f"https://f.video.weibocdn.com/a.mp4?Expires={epoch(end)}&ssig=x&KID=u",
    "Twitch": lambda end: (
        "https://production.assets.clips.twitchcdn.net/a.mp4?sig=0a&token="
        + quote(json.dumps({"expires": epoch(end), "clip_uri": "https://x/a.mp4"}))
    ),
    "Notion, in milliseconds": lambda end: (
        f"https://file.notion.so/f/a/clip.mp4?expirationTimestamp={epoch(end)}000&signature=x"
    ),
    "Airtable, in milliseconds in the path": lambda end: (
        f"https://v5.airtableusercontent.com/v3/u/1/1/{epoch(end)}000/aB/cD/eF"
    ),
    "nginx": lambda end: f"https://apimart-user.com/clip.mp4?md5=Zm9v&expires={epoch(end)}",
    "nginx, short names": lambda end: f"https://apimart-user.com/clip.mp4?st={MD5}&e={epoch(end)}",
    "imgix": lambda end: f"https://me.imgix.net/a.png?expires={epoch(end)}&s={MD5}",
    "ImageKit": lambda end: f"https://ik.imagekit.io/me/a.mp4?ik-t={epoch(end)}&ik-s={MD5}",
    "Cloudflare's pictures": lambda end: (
        f"https://imagedelivery.net/a/b/public?exp={epoch(end)}&sig={SHA}"
    ),
    "x-expires": lambda end: f"https://apimart-user.com/clip.mp4?x-expires={epoch(end)}",
    "milliseconds": lambda end: f"https://apimart-user.com/clip.mp4?expires={epoch(end)}000&sig=x",
    "an ISO date": lambda end: (
        f"https://apimart-user.com/c.mp4?expires={end:%Y-%m-%dT%H:%M:%SZ}&sig=x"
    ),
    "an ISO date, compact": lambda end: (
        f"https://apimart-user.com/c.mp4?expires={end:%Y%m%dT%H%M%SZ}"
    ),
    "an ISO date with an unescaped zone": lambda end: (
        f"https://apimart-user.com/c.mp4?expires={end + 8 * HOUR:%Y-%m-%dT%H:%M:%S}+08:00"
    ),
}
# CDNs that add a validity of their own, of 30 minutes, to the time in the link.
HALF_HOUR = dt.timedelta(minutes=30)
CDN: dict[str, Callable[[dt.datetime], str]] = {
    "auth_key": lambda end: (
        f"https://cdn.apimart-user.com/clip.mp4?auth_key={epoch(end - HALF_HOUR)}-0-0-{MD5}"
    ),
    "auth_key with a random part": lambda end: (
        f"https://cdn.apimart-user.com/c.mp4?auth_key={epoch(end - HALF_HOUR)}-477b3bbc253f-7-{MD5}"
    ),
    "a digest and a hexadecimal time in the path": lambda end: (
        f"https://v16m.tiktokcdn.com/{MD5}/{epoch(end - HALF_HOUR):x}/video/tos/a/clip.mp4"
    ),
    "a date and a digest in the path": lambda end: (
        f"https://cdn.apimart-user.com/{end - HALF_HOUR + 8 * HOUR:%Y%m%d%H%M}/{MD5}/a/clip.mp4"
    ),
}


def started_before(sign: Signer) -> Callable[[dt.datetime], str]:
    """A style with a start, as one with an end alone: it began an hour ago, or before its end."""
    return lambda end: sign(min(end, NOW) - HOUR, end)


ENDED = {name: started_before(sign) for name, sign in BOTH.items()} | END | CDN
