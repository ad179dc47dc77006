// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// One text for each refusal code, English / Chinese. The same table stands in registry/domain/rules.py; a test
/// compares them. Deployed as a linked-free internal library, off the hot path.
library ReasonTexts {
    function text(uint8 code) internal pure returns (string memory) {
        if (code == 0) return unicode"allowed / 允许";
        if (code < 11) return _first(code);
        return _second(code);
    }

    function _first(uint8 code) private pure returns (string memory) {
        if (code == 1) return unicode"stopped by the regulator / 监管机构已暂停";
        if (code == 2) return unicode"the company has stopped its shares / 公司已暂停股份变动";
        if (code == 3) return unicode"this share class is stopped / 该类别股份已暂停";
        if (code == 4) return unicode"the company is not open yet / 公司尚未开放登记";
        if (code == 5) return unicode"the register of this company is closed / 该公司登记已关闭";
        if (code == 6) return unicode"the sender is not registered / 转出方未登记";
        if (code == 7) return unicode"the receiver is not registered / 接收方未登记";
        if (code == 8) return unicode"the sender is frozen by order / 转出方已被冻结";
        if (code == 9) return unicode"the receiver is frozen by order / 接收方已被冻结";
        return unicode"the sending wallet is closed / 转出钱包已关闭";
    }

    function _second(uint8 code) private pure returns (string memory) {
        if (code == 11) return unicode"the receiving wallet is closed / 接收钱包已关闭";
        if (code == 12) return unicode"this class does not admit the receiver's category / 该类别股份不接纳接收方所属类别";
        if (code == 13) return unicode"the receiver's KYC is not in force / 接收方的身份核验已失效";
        if (code == 14) return unicode"the receiver's qualification is not in force / 接收方的合格投资者资格已失效";
        if (code == 15) return unicode"the shares are locked up / 股份处于锁定期";
        if (code == 16) return unicode"the sender does not hold enough shares / 转出方股份不足";
        if (code == 17) return unicode"the sender's free shares do not suffice / 转出方可用股份不足";
        if (code == 18) return unicode"the company has no seat left for a new holder / 在册股东人数已达上限";
        if (code == 19) return unicode"more than the authorised shares / 超过核定股份数";
        return unicode"unknown code / 未知代码";
    }
}
