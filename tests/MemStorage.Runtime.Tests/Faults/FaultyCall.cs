namespace MemStorage.Tests.Faults;

/// <summary>What is made to fail at each of its points. Every way of the store that changes something is among them.</summary>
public enum FaultyCall
{
    SetNew,
    SetSameLength,
    SetLonger,
    SetLarge,
    OverwriteLarge,
    LargeToSmall,
    SmallToLarge,
    SetManySmall,
    SetManyLarge,
    SetInNewSpace,
    DeletePresent,
    DeleteAbsent,
    DeleteLarge,
    Touch,
    TouchLarge,
    ApplySet,
    ApplyDelete,
    ApplyUnknownSpace,
    Clear,
    Sweep,
    Drain,
    SyncBuffer,
    ReadIntoWriter,
    ObservedSet,
    ObservedDelete,
    TypedSet,
    TypedMove,
    TypedDelete,
    TypedUpdate,
    TypedCreate,
    TypedCreateNested,
    TypedFind,
    FirstRepository,
    Close,
}

/// <summary>The store that the call is made on.</summary>
public enum FaultyLayout
{
    /// <summary>Room enough; the next new key makes the index grow.</summary>
    Roomy,

    /// <summary>The same, with tables that split instead of growing.</summary>
    Splitting,

    /// <summary>Full, evicts.</summary>
    Full,

    /// <summary>Full of large values, evicts.</summary>
    FullOfLarge,

    /// <summary>Nearly full, refuses.</summary>
    Refusing,
}
