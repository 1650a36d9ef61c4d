using MemStorage.Integration.Tests.Entities;

namespace MemStorage.Integration.Tests.Indexes;

/// <summary>"Find…Between for ordered types": every one of them, with its extreme values, against the same question to a list.</summary>
public sealed class OrderedIndexTests
{
    private static readonly decimal[] s_decimals = [decimal.MinValue, -1.0m, -1.00m, -0.0000000000000000000000000001m, 0m, 0.00m, 0.0000000000000000000000000001m, 1m, 1.000m, 7.9228162514264337593543950335m, decimal.MaxValue];

    private static readonly DateTime s_noon = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private static readonly Comparer<string?> s_codePoints = Comparer<string?>.Create(static (left, right) =>
        (left, right) switch
        {
            (null, null) => 0,
            (null, _) => -1,
            (_, null) => 1,
            _ => left.EnumerateRunes().Select(static r => r.Value).ToArray().AsSpan().SequenceCompareTo(right.EnumerateRunes().Select(static r => r.Value).ToArray()),
        });

    private static T At<T>(int i, params ReadOnlySpan<T> values) => values[i % values.Length];

    private static Measure Create(int i) => new()
    {
        Id = i,
        Byte = At<byte>(i, 0, 1, 127, 128, 255),
        SByte = At<sbyte>(i, -128, -1, 0, 1, 127),
        Short = At<short>(i, short.MinValue, -1, 0, 1, short.MaxValue),
        UShort = At<ushort>(i, 0, 1, 0x7FFF, 0x8000, ushort.MaxValue),
        Int = At(i, int.MinValue, -1, 0, 1, int.MaxValue),
        UInt = At<uint>(i, 0, 1, 0x7FFF_FFFF, 0x8000_0000, uint.MaxValue),
        Long = At(i, long.MinValue, -1, 0, 1, long.MaxValue),
        ULong = At<ulong>(i, 0, 1, long.MaxValue, 1ul << 63, ulong.MaxValue),
        Wide = At<Int128>(i, Int128.MinValue, -1, 0, 1, (Int128)long.MaxValue + 1, Int128.MaxValue),
        UWide = At<UInt128>(i, UInt128.Zero, 1, ulong.MaxValue, (UInt128)1 << 127, UInt128.MaxValue),
        Float = At(i, float.NaN, float.NegativeInfinity, float.MinValue, -float.Epsilon, -0f, 0f, float.Epsilon, float.MaxValue, float.PositiveInfinity),
        Double = At(i, double.NaN, double.NegativeInfinity, double.MinValue, -double.Epsilon, -0.0, 0.0, double.Epsilon, double.MaxValue, double.PositiveInfinity),
        Decimal = At(i, s_decimals),
        Char = At(i, '\0', 'A', 'a', '\uD800', '\uDFFF', '\uFFFF'),
        Text = At(i, null, "", "\0", "A", "a", "a\0", "aa", "b", "é", "\uFFFD", "\U0001F600"),
        Day = At(i, DateOnly.MinValue, new(2026, 1, 1), DateOnly.MaxValue),
        Clock = At(i, TimeOnly.MinValue, new(12, 0), TimeOnly.MaxValue),
        Span = At(i, TimeSpan.MinValue, TimeSpan.FromTicks(-1), TimeSpan.Zero, TimeSpan.FromTicks(1), TimeSpan.MaxValue),
        Time = At(i, DateTime.MinValue, s_noon, DateTime.SpecifyKind(s_noon, DateTimeKind.Local), DateTime.SpecifyKind(s_noon, DateTimeKind.Unspecified), s_noon.AddTicks(1), DateTime.MaxValue),
        Moment = At(i, DateTimeOffset.MinValue, new(s_noon), new DateTimeOffset(s_noon).ToOffset(TimeSpan.FromHours(14)), new DateTimeOffset(s_noon).ToOffset(TimeSpan.FromHours(-14)), DateTimeOffset.MaxValue),
        MaybeDouble = At<double?>(i, null, double.NaN, -0.0, 0.0, 1),
        MaybeMoment = At<DateTimeOffset?>(i, null, DateTimeOffset.MinValue, new(s_noon), DateTimeOffset.MaxValue),
    };

    private static void Agrees<T>(IReadOnlyList<Measure> all, Func<Measure, T> member, Func<T, IEnumerable<Measure>> by, Func<T, T, IEnumerable<Measure>> between, IComparer<T>? comparer = null)
    {
        comparer ??= Comparer<T>.Default;
        T[] values = [.. all.Select(member).Distinct()];
        foreach (T from in values)
        {
            Assert.Equal(all.Where(m => comparer.Compare(member(m), from) == 0).Select(static m => m.Id), by(from).Select(static m => m.Id).Order());
            foreach (T to in values)
            {
                Measure[] found = [.. between(from, to)];
                IEnumerable<int> expected = all.Where(m => comparer.Compare(from, member(m)) <= 0 && comparer.Compare(member(m), to) <= 0).Select(static m => m.Id);
                Assert.True(expected.SequenceEqual(found.Select(static m => m.Id).Order()), $"{typeof(T)} from {from} to {to}: {string.Join(", ", found.Select(member))}");
                for (int i = 1; i < found.Length; i++)
                    Assert.True(comparer.Compare(member(found[i - 1]), member(found[i])) <= 0, $"{typeof(T)}: {member(found[i - 1])} comes before {member(found[i])}");
            }
        }
    }

    [Fact]
    public void Every_ordered_type_with_its_extreme_values()
    {
        using MemStore store = TestStores.Create();
        MeasureRepository measures = store.Measures();
        Measure[] all = [.. Enumerable.Range(0, 23).Select(Create)];
        foreach (Measure measure in all)
            measures.SetOrThrow(measure);

        Agrees(all, static m => m.Byte, measures.FindByByte, measures.FindByteBetween);
        Agrees(all, static m => m.SByte, measures.FindBySByte, measures.FindSByteBetween);
        Agrees(all, static m => m.Short, measures.FindByShort, measures.FindShortBetween);
        Agrees(all, static m => m.UShort, measures.FindByUShort, measures.FindUShortBetween);
        Agrees(all, static m => m.Int, measures.FindByInt, measures.FindIntBetween);
        Agrees(all, static m => m.UInt, measures.FindByUInt, measures.FindUIntBetween);
        Agrees(all, static m => m.Long, measures.FindByLong, measures.FindLongBetween);
        Agrees(all, static m => m.ULong, measures.FindByULong, measures.FindULongBetween);
        Agrees(all, static m => m.Wide, measures.FindByWide, measures.FindWideBetween);
        Agrees(all, static m => m.UWide, measures.FindByUWide, measures.FindUWideBetween);
        Agrees(all, static m => m.Float, measures.FindByFloat, measures.FindFloatBetween);
        Agrees(all, static m => m.Double, measures.FindByDouble, measures.FindDoubleBetween);
        Agrees(all, static m => m.Decimal, measures.FindByDecimal, measures.FindDecimalBetween);
        Agrees(all, static m => m.Char, measures.FindByChar, measures.FindCharBetween);
        Agrees(all, static m => m.Day, measures.FindByDay, measures.FindDayBetween);
        Agrees(all, static m => m.Clock, measures.FindByClock, measures.FindClockBetween);
        Agrees(all, static m => m.Span, measures.FindBySpan, measures.FindSpanBetween);
        Agrees(all, static m => m.Time, measures.FindByTime, measures.FindTimeBetween);
        Agrees(all, static m => m.Moment, measures.FindByMoment, measures.FindMomentBetween);
    }

    [Fact]
    public void Text_is_ordered_by_code_point_and_not_by_a_culture()
    {
        using MemStore store = TestStores.Create();
        MeasureRepository measures = store.Measures();
        Measure[] all = [.. Enumerable.Range(0, 23).Select(Create)];
        foreach (Measure measure in all)
            measures.SetOrThrow(measure);
        Agrees(all, static m => m.Text, measures.FindByText, (from, to) => measures.FindTextBetween(from!, to!), s_codePoints);
        Assert.Equal(["A", "a", "a\0", "aa", "b", "é", "\uFFFD", "\U0001F600"], measures.FindTextBetween("A", "\U0010FFFF").Select(static m => m.Text!).Distinct());
    }

    [Fact]
    public void Of_a_nullable_member_null_is_found_by_value_and_lies_below_every_range()
    {
        using MemStore store = TestStores.Create();
        MeasureRepository measures = store.Measures();
        Measure[] all = [.. Enumerable.Range(0, 23).Select(Create)];
        foreach (Measure measure in all)
            measures.SetOrThrow(measure);
        Assert.Equal(all.Where(static m => m.MaybeDouble is null).Select(static m => m.Id), measures.FindByMaybeDouble(null).Select(static m => m.Id).Order());
        Assert.Equal(all.Where(static m => m.MaybeDouble == 0).Select(static m => m.Id), measures.FindByMaybeDouble(-0.0).Select(static m => m.Id).Order());
        Assert.Equal(all.Where(static m => m.MaybeDouble is double.NaN).Select(static m => m.Id), measures.FindByMaybeDouble(double.NaN).Select(static m => m.Id).Order());
        Assert.Equal(all.Where(static m => m.MaybeDouble is not null).Select(static m => m.Id), measures.FindMaybeDoubleBetween(double.NaN, double.PositiveInfinity).Select(static m => m.Id).Order());
        Assert.Equal(all.Where(static m => m.MaybeMoment is not null).Select(static m => m.Id), measures.FindMaybeMomentBetween(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Select(static m => m.Id).Order());
    }
}
